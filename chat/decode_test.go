package chat

import (
	"encoding/json"
	"strings"
	"testing"
)

// sendFrames are forms of a send frame: as clients write it, as they might, and
// wrong ones.
var sendFrames = []string{
	`{"t":"send","c":"01a21bab-cb11-7254-99ae-792d8e326794","id":"00000000-0000-4000-8000-000000000001","epoch":0,"n":1,"after":0,"body":"AAAA"}`,
	`{"body":"AAAA","n":4294967295,"t":"send","id":"x","c":"01a21bab-cb11-7254-99ae-792d8e326794"}`,
	`{"t":"send"}`, `{}`, `{`, ``, `{"t":"send",}`, `{"t":"send"}}`, `{"t":"send"} `, ` {"t":"send"}`, `{"t":"send" ,"n":1}`,
	`{"t":"send","n":1,"n":2}`, `{"t":"send","n":01}`, `{"t":"send","n":-1}`, `{"t":"send","n":1.0}`, `{"t":"send","n":1e3}`,
	`{"t":"send","n":4294967296}`, `{"t":"send","n":99999999999}`, `{"t":"send","n":"1"}`, `{"t":"send","n":null}`, `{"t":"send","N":7}`,
	`{"t":"send","more":1}`, `{"t":"send","body":"A"}`, `{"t":"send","body":"A A"}`, `{"t":"send","body":"AB"}`, `{"t":"send","body":""}`,
	`{"t":"send","c":"X"}`, `{"t":"send","id":"a\u0062"}`, `{"t":"send","id":"ä"}`, `{"t":"send","id":"` + "\x01" + `"}`, `{"t":"send","id":"a`,
	`{"t":"send","id":null,"body":null}`,
}

// What scan accepts it reads as encoding/json does, and it accepts what clients
// write.
func TestSendIsReadTheSameWayTwice(t *testing.T) {
	accepted := 0
	for _, text := range sendFrames {
		if sameRead(t, []byte(text)) {
			accepted++
		}
	}
	if accepted < 4 {
		t.Errorf("only %d frames took the short way", accepted)
	}
}

func FuzzScanSend(f *testing.F) {
	for _, text := range sendFrames {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) { sameRead(t, data) })
}

func sameRead(t *testing.T, data []byte) (accepted bool) {
	t.Helper()
	var quick sendFrame
	if !quick.scan(data) {
		return false
	}
	type plain sendFrame // without scan
	slow, err := parseFrame[plain](data)
	if err != nil {
		t.Fatalf("%s is accepted but not JSON of a send frame", data)
	}
	one, err := json.Marshal(quick)
	if err != nil {
		t.Fatal(err)
	}
	two, err := json.Marshal(sendFrame(slow))
	if err != nil {
		t.Fatal(err)
	}
	if string(one) != string(two) {
		t.Fatalf("%s is read as\n%s\nand as\n%s", data, one, two)
	}
	return true
}

func BenchmarkParseSend(b *testing.B) {
	data := []byte(strings.Replace(sendFrames[0], "AAAA", strings.Repeat("A", 379), 1))
	for b.Loop() {
		if _, err := parseFrame[sendFrame](data); err != nil {
			b.Fatal(err)
		}
	}
}
