package seal

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// makeGolden adds a pair of golden rooms: go test -run TestGolden -make 2027-01.
// Existing ones are never written again; they must open for ever.
var makeGolden = flag.String("make", "", "name of new golden rooms")

const goldenTeam = "0197f1f0-7a1e-7000-8000-000000000001"

// golden is a whole room with all secrets, and what each reader must see in it.
type golden struct {
	V            int                 `json:"v"`
	MadeBy       string              `json:"made_by"`
	Team         string              `json:"team"`
	Words        []string            `json:"words"`
	Chain        []SignedState       `json:"chain"`
	Staff        []goldenStaff       `json:"staff"`
	RecoverySeed Bytes               `json:"recovery_seed"`
	Seed         Bytes               `json:"seed"`
	ReturnCode   string              `json:"return_code"`
	ReturnAuth   Bytes               `json:"return_auth"`
	Epochs       []Epoch             `json:"epochs"`
	Messages     []Message           `json:"messages"`
	Views        map[string][]seenAs `json:"views"`
}

type goldenStaff struct {
	Name         string  `json:"name"`
	Password     string  `json:"password"` // of the first person only: the stretching is slow on purpose
	Salt         Bytes   `json:"salt"`
	Iterations   int     `json:"iterations"`
	Auth         Bytes   `json:"auth"`
	Code         string  `json:"code"`
	RecoveryAuth Bytes   `json:"recovery_auth"`
	Credential   Bytes   `json:"credential"`
	PRF          Bytes   `json:"prf"`
	File         KeyFile `json:"file"`
}

// seenAs is one transcript item in a form both sides write alike.
type seenAs struct {
	Kind   ItemKind `json:"kind"`
	Seq    uint32   `json:"seq"`
	Sender string   `json:"sender"`
	Text   string   `json:"text"`
	Count  uint32   `json:"count"`
	Reason Error    `json:"reason"`
}

func TestGolden(t *testing.T) {
	if *makeGolden != "" {
		writeGolden(t, *makeGolden+"-go.json", newGolden(t))
		writeGolden(t, *makeGolden+"-ts.json", browser[golden](t, "make", nil))
	}
	files := must(filepath.Glob("testdata/golden/*.json"))
	if len(files) < 2 {
		t.Fatal("golden rooms are missing")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var g golden
			if err := json.Unmarshal(must(os.ReadFile(file)), &g); err != nil {
				t.Fatal(err)
			}
			g.check(t)
		})
	}
}

// TestFreshRooms has each side open what the other one makes now.
func TestFreshRooms(t *testing.T) {
	ours, made := newGolden(t), browser[golden](t, "make", nil)
	ours.checkTwin(t)
	if diff := cmp.Diff(made.Views, made.open(t)); diff != "" {
		t.Errorf("Go sees in the browser's room (-browser +go):\n%s", diff)
	}
	if diff := cmp.Diff(shape(ours), shape(made)); diff != "" {
		t.Errorf("Go and browser see different things (-go +browser):\n%s", diff)
	}
}

// shape is a view without what is random.
func shape(g golden) map[string][]seenAs {
	out := map[string][]seenAs{}
	for name, items := range g.Views {
		for _, it := range items {
			for _, s := range g.Staff {
				if it.Sender == s.File.KID.String() {
					it.Sender = s.Name
				}
			}
			out[name] = append(out[name], it)
		}
	}
	return out
}

func writeGolden(t *testing.T, name string, g golden) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join("testdata/golden", name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	e := json.NewEncoder(f)
	e.SetIndent("", " ")
	if err := e.Encode(g); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// check opens a golden room on both sides.
func (g golden) check(t *testing.T) {
	t.Helper()
	if diff := cmp.Diff(g.Views, g.open(t)); diff != "" {
		t.Errorf("Go sees (-want +got):\n%s", diff)
	}
	g.checkTwin(t)
}

func (g golden) checkTwin(t *testing.T) {
	t.Helper()
	twin := browser[struct {
		Words []string
		Views map[string][]seenAs
	}](t, "open", g)
	if diff := cmp.Diff(g.Views, twin.Views); diff != "" {
		t.Errorf("the browser sees (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(g.Words, twin.Words); diff != "" {
		t.Errorf("the browser's words (-want +got):\n%s", diff)
	}
}

// open unlocks every key in every way and reads the room with each.
func (g golden) open(t *testing.T) map[string][]seenAs {
	t.Helper()
	chain := must(Verify(g.Team, g.Chain, Hash{}))
	if diff := cmp.Diff(g.Words, Fingerprint(chain.Genesis())); diff != "" {
		t.Errorf("words (-want +got):\n%s", diff)
	}
	code := must(ParseCode(g.ReturnCode))
	wantBytes(t, "return auth", code.ReturnAuth(), g.ReturnAuth)
	readers := map[string]*PrivateKey{
		"seeker": must(SeekerKey(g.Seed)), "return": must(SeekerKey(code.ReturnSeed())), "recovery": must(SeekerKey(g.RecoverySeed)),
	}
	for _, s := range g.Staff {
		readers[s.Name] = s.unlock(t).KEM()
	}
	views := map[string][]seenAs{}
	for name, key := range readers {
		room := must(OpenRoom(key, g.Epochs))
		for _, e := range room.Epochs() {
			if err := chain.Check(e); err != nil {
				t.Error(err)
			}
		}
		if err := chain.CheckCurrent(room.Current(), noon); err != nil {
			t.Error(err)
		}
		for _, it := range read(room, g.Messages...) {
			views[name] = append(views[name], it.seen(t))
		}
	}
	return views
}

func (s goldenStaff) unlock(t *testing.T) *StaffKeys {
	t.Helper()
	code := must(ParseCode(s.Code))
	wantBytes(t, "recovery auth", code.RecoveryAuth(), s.RecoveryAuth)
	must(Unlock(s.File, KEK{Kind: WrapPasskey, ID: s.Credential.String(), Key: must(PasskeyKEK(s.PRF, s.Credential))}))
	if s.Password != "" {
		must(Unlock(s.File, s.passwordKEK(t)))
	}
	return must(Unlock(s.File, KEK{Kind: WrapRecovery, Key: code.RecoveryKEK()}))
}

func (s goldenStaff) passwordKEK(t *testing.T) KEK {
	t.Helper()
	auth, kek, err := DerivePassword(s.Password, s.Salt, s.Iterations)
	if err != nil {
		t.Fatal(err)
	}
	wantBytes(t, "auth", auth, s.Auth)
	return KEK{Kind: WrapPassword, Key: kek}
}

func (it Item) seen(t *testing.T) seenAs {
	t.Helper()
	out := seenAs{Kind: it.Kind, Seq: it.Seq, Sender: it.Sender, Count: it.Count, Reason: it.Reason}
	if it.Kind == ItemMessage {
		var content struct{ Text string }
		if err := json.Unmarshal(it.Plain, &content); err != nil {
			t.Fatal(err)
		}
		out.Text = content.Text
	}
	return out
}

func wantBytes(t *testing.T, what string, got, want []byte) {
	t.Helper()
	if string(got) != string(want) {
		t.Errorf("%s: got %x, want %x", what, got, want)
	}
}

func newGoldenStaff(t *testing.T, name, password string) (goldenStaff, *StaffKeys) {
	t.Helper()
	code := NewCode()
	s := goldenStaff{
		Name: name, Password: password, Salt: NewSalt(), Iterations: Iterations, Credential: NewSeed(), PRF: NewSeed(),
		Code: code.Text(), RecoveryAuth: code.RecoveryAuth(),
	}
	keks := []KEK{
		{Kind: WrapRecovery, Key: code.RecoveryKEK()},
		{Kind: WrapPasskey, ID: s.Credential.String(), Key: must(PasskeyKEK(s.PRF, s.Credential))},
	}
	if password != "" {
		auth, kek, err := DerivePassword(password, s.Salt, s.Iterations)
		if err != nil {
			t.Fatal(err)
		}
		s.Auth, keks = auth, append(keks, KEK{Kind: WrapPassword, Key: kek})
	}
	keys, file, err := NewStaffKeys(keks...)
	if err != nil {
		t.Fatal(err)
	}
	s.File = file
	return s, keys
}

// newGolden plays the same scene as make in testdata/driver.ts.
func newGolden(t *testing.T) golden {
	t.Helper()
	ada, adaKeys := newGoldenStaff(t, "Ada", "Pässwort für Ada")
	ben, benKeys := newGoldenStaff(t, "Ben", "")
	cem, cemKeys := newGoldenStaff(t, "Cem", "")
	g := golden{V: 1, MadeBy: "go", Team: goldenTeam, Staff: []goldenStaff{ada, ben, cem}, RecoverySeed: NewSeed(), Seed: NewSeed()}
	genesis := sign(t, adaKeys, NewState(g.Team, nil, []Member{adaKeys.Member("Ada", true, true), benKeys.Member("Ben", true, false)}))
	safe := must(SeekerKey(g.RecoverySeed))
	limited := cemKeys.Member("Cem Müller", true, false)
	limited.NotAfter = 4102444800
	g.Chain = []SignedState{genesis, sign(t, adaKeys, NewState(g.Team, &genesis.State, append(genesis.Members[:2:2], limited,
		Member{KID: safe.KID(), KEMPub: safe.Public(), Name: "Tresor", Reads: true, Recovery: true})))}
	chain := must(Verify(g.Team, g.Chain, Hash{}))
	g.Words = Fingerprint(chain.Genesis())
	code := NewCode()
	g.ReturnCode, g.ReturnAuth = code.Text(), code.ReturnAuth()
	g.play(t, chain, code, adaKeys, benKeys, cemKeys)
	g.Views = g.open(t)
	return g
}

func (g *golden) play(t *testing.T, chain *Chain, code Code, ada, ben, cem *StaffKeys) {
	t.Helper()
	room, e, err := NewRoom(must(SeekerKey(g.Seed)), chain, []KID{ben.KID()}, noon)
	if err != nil {
		t.Fatal(err)
	}
	var s server
	text := func(r *Room, sender, text string) {
		s.say(t, r, sender, string(must(json.Marshal(map[string]string{"text": text}))))
	}
	text(room, Seeker, "Hallo, ist da jemand?")
	text(must(OpenRoom(ben.KEM(), []Epoch{e})), ben.KID().String(), "Ja. Schön, dass Sie schreiben. 🌱 مرحبا")
	text(room, Seeker, strings.Repeat("Lang. ", 400))
	must(room.Next(Change{Chain: chain, Readers: []KID{cem.KID()}, History: true, At: noon}))
	text(must(OpenRoom(cem.KEM(), room.Epochs())), cem.KID().String(), "Ich übernehme von Ben.")
	again := must(SeekerKey(code.ReturnSeed()))
	must(room.Next(Change{Chain: chain, Readers: []KID{ada.KID()}, Seeker: again, At: noon}))
	must(room.Next(Change{Chain: chain, Readers: []KID{ada.KID()}, History: true, At: noon}))
	for _, line := range []string{"Ich komme wieder.", "Dies wird verändert.", "Dies geht verloren.", "Ende."} {
		text(room, Seeker, line)
	}
	s.log[5].Body = flip(s.log[5].Body, 40*8)
	g.Epochs, g.Messages = room.Epochs(), append(s.log[:6:6], s.log[7:]...)
}

func unhex(s string) []byte { return must(hex.DecodeString(s)) }
