//go:build !race

package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lotse/directory"
)

// realCentres finds the large real data beside the project. In CI it must be
// there.
func realCentres(t *testing.T) string {
	t.Helper()
	root := os.Getenv("LOTSE_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	dir := filepath.Join(root, "data", "directory")
	_, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") == "" {
		t.Skipf("real catchments not checked: %s is not there", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// An operator imports the real centres beside a running server and gives one of
// them to a team; from then on its catchment routes seekers, and only it.
func TestRealCatchmentsRoute(t *testing.T) {
	dir := realCentres(t)
	environ := []string{"LOTSE_DATA=" + t.TempDir()}
	demo := start(t, environ, "demo")
	const bonn, wuerzburg = "53111", "97070"
	if team := teamFor(t, demo.url, bonn); team != "" {
		t.Fatalf("%s is served by %q before the import", bonn, team)
	}
	if got := lotse(t, environ, "import", "centres", dir); got.code != 0 || !strings.Contains(got.out, "13605 rows") {
		t.Fatalf("%+v", got)
	}
	centre := directory.CentreID("caritas_onlineberatung", "0") // addiction, 53001-53229
	if got := lotse(t, environ, "staff", "team", "--centres", centre, "Lotse-Demo Suchtberatung"); got.code != 0 {
		t.Fatalf("%+v", got)
	}
	for end := time.Now().Add(patience); teamFor(t, demo.url, bonn) != "Lotse-Demo Suchtberatung"; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s is still served by %q", bonn, teamFor(t, demo.url, bonn))
		}
	}
	if team := teamFor(t, demo.url, wuerzburg); team != "" {
		t.Errorf("%s is served by %q", wuerzburg, team)
	}
}

// teamFor asks which team a message about addiction from the postcode goes to;
// empty when nobody is responsible.
func teamFor(t *testing.T, url, postcode string) string {
	t.Helper()
	status, body := get(t, url+"/api/v1/recipients?topic=sucht&language=de&kind=message&postcode="+postcode, nil)
	if status == http.StatusNotFound {
		return ""
	}
	var answer struct{ Team struct{ Name string } }
	if err := json.Unmarshal([]byte(body), &answer); err != nil || status != http.StatusOK {
		t.Fatalf("%d %s", status, body)
	}
	return answer.Team.Name
}
