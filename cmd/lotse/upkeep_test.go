package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lotse/directory"
	"lotse/internal/testenv"
)

// The operator says who keeps a centre, and the centre is asked, once, through the
// mail server of the settings.
func TestCentresAreKeptAndAsked(t *testing.T) {
	environs(t, func(t *testing.T, environ []string) {
		server := testenv.NewSMTPServer(t, false)
		mailing := append(slices.Clone(environ), "LOTSE_MAIL_SMTP="+server.Address, "LOTSE_MAIL_TLS=none", "LOTSE_MAIL_FROM=stellen@beratung.example")
		file := filepath.Join(t.TempDir(), "centres.csv")
		text := "source,source_id,name,plz,city,email,topics\nhier,1,Beratung Köln,50667,Köln,rat@example.org,schulden\nhier,2,Beratung Leipzig,04109,Leipzig,leipzig@example.org,schulden\n"
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		id := directory.CentreID("hier", "1")
		for _, step := range []struct {
			environ []string
			args    []string
			code    int
			says    string
		}{
			{environ, []string{"staff", "provider", "Haus Nord"}, 0, ""},
			{environ, []string{"import", "centres", file}, 0, ""},
			{environ, []string{"centres", "ask"}, 1, "no mail server is set"},
			{environ, []string{"centres", "keep"}, 1, "name centres by their ids"},
			{environ, []string{"centres", "keep", id, "nobody"}, 1, "centre_unknown"},
			{mailing, []string{"centres", "ask"}, 0, "0 centres asked"},
			{environ, []string{"centres", "keep", id}, 0, "1 centres"},
			{mailing, []string{"centres", "ask"}, 0, "1 centres asked"},
			{mailing, []string{"centres", "ask"}, 0, "0 centres asked"},
		} {
			got := lotse(t, step.environ, step.args...)
			if got.code != step.code || !strings.Contains(got.out+got.err, step.says) {
				t.Fatalf("%v: %+v", step.args, got)
			}
		}
		if letters := server.Letters(t); len(letters) != 1 || !strings.Contains(letters[0], "To: <rat@example.org>") {
			t.Errorf("%d letters", len(letters))
		}
	})
}
