package web

import (
	"bufio"
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lotse/directory"
	"lotse/directory/hsds/hsdstest"
	"lotse/internal/testenv"
)

// hsdsGet reads an answer of the open interface.
func hsdsGet(t *testing.T, s *Server, path string) map[string]any {
	t.Helper()
	w := get(s, path)
	if w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("ETag") == "" {
		t.Fatalf("%s: %d %v", path, w.Code, w.Header())
	}
	var v map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return v
}

func contents(t *testing.T, page map[string]any) []map[string]any {
	t.Helper()
	list, ok := page["contents"].([]any)
	if !ok {
		t.Fatalf("no page: %v", page)
	}
	var objects []map[string]any
	for _, o := range list {
		objects = append(objects, o.(map[string]any))
	}
	return objects
}

// hsdsLists are the lists with the schema of an object in the list and alone.
var hsdsLists = []struct{ path, folder, listed, alone string }{
	{"/hsds/services", "compiled", "service_list.json", "service.json"},
	{"/hsds/organizations", "compiled", "organization_list.json", "organization.json"},
	{"/hsds/service_at_locations", "compiled", "service_at_location_list.json", "service_at_location.json"},
	{"/hsds/taxonomies", "schema", "taxonomy.json", "taxonomy.json"},
	{"/hsds/taxonomy_terms", "schema", "taxonomy_term.json", "taxonomy_term.json"},
}

// TestOpenInterfaceValidates reads every list, whole and in lines, and every
// object alone, and holds each against the published schema.
func TestOpenInterfaceValidates(t *testing.T) {
	s := testServer(t)
	pack := hsdstest.Pack(t)
	for _, l := range hsdsLists {
		schemas := hsdstest.SchemasOf(filepath.Join(pack, "hsds-3.0", l.folder))
		check := func(what, schema string, o any) {
			t.Helper()
			if wrong := schemas.Problems(t, schema, o); wrong != "" {
				t.Errorf("%s: wrong at\n%s", what, wrong)
			}
		}
		listed := contents(t, hsdsGet(t, s, l.path+"?per_page=500"))
		if len(listed) == 0 {
			t.Errorf("%s is empty", l.path)
		}
		for _, o := range listed {
			check(l.path, l.listed, o)
			check("one of "+l.path, l.alone, hsdsGet(t, s, l.path+"/"+o["id"].(string)))
		}
		if l.folder != "compiled" {
			continue
		}
		for _, o := range contents(t, hsdsGet(t, s, l.path+"?full=true&per_page=500")) {
			check(l.path+" in full", l.alone, o)
		}
		lines := 0
		for scan := bufio.NewScanner(get(s, l.path+"?format=ndjson").Body); scan.Scan(); lines++ {
			var o any
			if err := json.Unmarshal(scan.Bytes(), &o); err != nil {
				t.Fatal(err)
			}
			check(l.path+" in lines", l.alone, o)
		}
		if lines != len(listed) {
			t.Errorf("%s: %d lines, %d in the list", l.path, lines, len(listed))
		}
	}
	for _, o := range contents(t, hsdsGet(t, s, "/hsds/services?minimal=true")) {
		if len(o) != 2 || o["id"] == "" || o["last_modified"] == "" {
			t.Errorf("minimal: %v", o)
		}
	}
}

func TestOpenInterfacePages(t *testing.T) {
	s := testServer(t)
	all := contents(t, hsdsGet(t, s, "/hsds/service_at_locations?per_page=500"))
	var ids []string
	for page := 1; ; page++ {
		answer := hsdsGet(t, s, "/hsds/service_at_locations?per_page=2&full=true&page="+string(rune('0'+page)))
		for _, o := range contents(t, answer) {
			ids = append(ids, o["id"].(string))
		}
		if answer["last_page"] == true {
			break
		}
		if len(contents(t, answer)) != 2 || page > 8 {
			t.Fatalf("page %d: %v", page, answer)
		}
	}
	for i, o := range all {
		if i >= len(ids) || ids[i] != o["id"] {
			t.Fatalf("paged %v, want %v", ids, all)
		}
	}
	if beyond := hsdsGet(t, s, "/hsds/services?page=999"); beyond["empty"] != true || len(contents(t, beyond)) != 0 {
		t.Errorf("beyond the last page: %v", beyond)
	}
}

func TestOpenInterfaceNarrows(t *testing.T) {
	s := testServer(t)
	count := func(query string) int { return len(contents(t, hsdsGet(t, s, "/hsds/services?per_page=500&"+query))) }
	all := count("")
	for query, want := range map[string]func(int) bool{
		"taxonomy_term_id=schulden":           func(n int) bool { return n > 0 && n < all },
		"taxonomy_term_id=nix":                func(n int) bool { return n == 0 },
		"taxonomy_id=nix":                     func(n int) bool { return n == 0 },
		"modified_after=2999-01-01":           func(n int) bool { return n == 0 },
		"modified_after=2000-01-01T00:00:00Z": func(n int) bool { return n == all },
		"licence=nix":                         func(n int) bool { return n == 0 },
		"search=zzzz":                         func(n int) bool { return n == 0 },
		"organization_id=nix":                 func(n int) bool { return n == 0 },
	} {
		if n := count(query); !want(n) {
			t.Errorf("%s: %d of %d", query, n, all)
		}
	}
	for query, field := range map[string]string{
		"page=0": "page", "per_page=501": "per_page", "page=x": "page", "format=xml": "format", "modified_after=gestern": "modified_after",
		"postcode=5066": "postcode", "proximity=100": "postcode", "postcode=10115&proximity=-1": "proximity", "postcode=10115&proximity=NaN": "proximity",
		"search=" + strings.Repeat("x", 201): "search",
	} {
		w := get(s, "/hsds/services?"+query)
		if w.Code != 422 || !strings.Contains(w.Body.String(), `"`+field+`"`) || w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", query, w.Code, w.Body)
		}
	}
	for _, path := range []string{"services/nix", "organizations/nix", "service_at_locations/nix", "taxonomies/nix", "taxonomy_terms/nix"} {
		if w := get(s, "/hsds/"+path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestOpenInterfaceSaysWhenNothingChanged(t *testing.T) {
	s := testServer(t)
	tag := get(s, "/hsds/services").Header().Get("ETag")
	for header, want := range map[string]int{tag: 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "": 200} {
		r := httptest.NewRequest("GET", "/hsds/services", nil)
		r.Header.Set("If-None-Match", header)
		if w := do(s, r); w.Code != want || want == 304 && w.Body.Len() > 0 {
			t.Errorf("%q: %d", header, w.Code)
		}
	}
}

// TestOpenInterfaceIsDescribed compares the description with the routes, both ways.
func TestOpenInterfaceIsDescribed(t *testing.T) {
	s := testServer(t)
	var described, routed []string
	for path := range hsdsGet(t, s, "/hsds/openapi.json")["paths"].(map[string]any) {
		described = append(described, "GET /hsds"+path)
	}
	for _, route := range s.openAPI() {
		routed = append(routed, strings.TrimSuffix(route.Pattern, "{$}"))
	}
	slices.Sort(described)
	slices.Sort(routed)
	if !slices.Equal(described, routed) {
		t.Errorf("described %v\nrouted %v", described, routed)
	}
	root := hsdsGet(t, s, "/hsds/")
	for _, member := range []string{"profile", "openapi_url"} {
		if w := get(s, strings.TrimPrefix(root[member].(string), "http://example.com")); w.Code != 200 {
			t.Errorf("%s leads to %d", member, w.Code)
		}
	}
}

// TestOpenInterfaceHasEveryParameter holds the description against the one of the
// specification: each of its paths has each of its parameters.
func TestOpenInterfaceHasEveryParameter(t *testing.T) {
	ours := hsdsGet(t, testServer(t), "/hsds/openapi.json")["paths"].(map[string]any)
	theirs := hsdstest.ReadJSON(t, filepath.Join(hsdstest.Pack(t), "hsds-3.0", "schema", "openapi.json")).(map[string]any)
	for path, operations := range theirs["paths"].(map[string]any) {
		known, ok := ours[path].(map[string]any)
		if !ok {
			t.Errorf("%s is missing", path)
			continue
		}
		for _, name := range parameters(operations) {
			if !slices.Contains(parameters(known), name) {
				t.Errorf("%s lacks %s", path, name)
			}
		}
	}
}

// parameters are the names of the parameters of GET.
func parameters(operations any) (names []string) {
	list, _ := operations.(map[string]any)["get"].(map[string]any)["parameters"].([]any)
	for _, p := range list {
		o := p.(map[string]any)
		if ref, ok := o["$ref"].(string); ok {
			names = append(names, ref[strings.LastIndex(ref, "/")+1:])
		} else {
			names = append(names, o["name"].(string))
		}
	}
	return names
}

func TestOpenInterfaceListsItsWords(t *testing.T) {
	s := testServer(t)
	terms := func(query string) int {
		return len(contents(t, hsdsGet(t, s, "/hsds/taxonomy_terms?per_page=500&"+query)))
	}
	all := terms("")
	for query, want := range map[string]func(int) bool{
		"search=schulden": func(n int) bool { return n > 0 && n < all }, "search=zzzz": func(n int) bool { return n == 0 },
		"top_only=true": func(n int) bool { return n == all }, "parent_id=schulden": func(n int) bool { return n == 0 },
		"taxonomy_term_id=schulden": func(n int) bool { return n == 1 },
	} {
		if n := terms(query); !want(n) {
			t.Errorf("%s: %d of %d", query, n, all)
		}
	}
	if lines := strings.Count(get(s, "/hsds/taxonomy_terms?format=ndjson").Body.String(), "\n"); lines != all {
		t.Errorf("%d lines, %d terms", lines, all)
	}
	if n := len(contents(t, hsdsGet(t, s, "/hsds/taxonomies?search=zzzz"))); n != 0 {
		t.Errorf("%d taxonomies called zzzz", n)
	}
	if w := get(s, "/hsds/organizations?full_service=vielleicht"); w.Code != 422 || !strings.Contains(w.Body.String(), `"full_service"`) {
		t.Errorf("full_service=vielleicht: %d %s", w.Code, w.Body)
	}
	for _, o := range contents(t, hsdsGet(t, s, "/hsds/organizations?full_service=true")) {
		if services, _ := o["services"].([]any); len(services) == 0 {
			t.Errorf("%v has no services", o["name"])
		}
	}
}

// TestNothingOfAProtectedPlaceGoesOut asks for every open address in every shape
// and looks for what the fixture says of the protected place.
func TestNothingOfAProtectedPlaceGoesOut(t *testing.T) {
	s := protectedServer(t)
	for _, path := range []string{
		"services", "services?full=true", "services?format=ndjson", "service_at_locations?full=true", "service_at_locations?format=ndjson",
		"organizations?full=true", "services?postcode=10115&proximity=500000", "centres.csv", "centres.geojson", "changes.atom", "datapackage.json",
	} {
		body := get(s, "/hsds/"+path).Body.String()
		for _, secret := range []string{"Geheimweg", "52.5111", "13.4222", "10115", "verborgen.example", "Hinterhof", "Tor9"} {
			if strings.Contains(body, secret) {
				t.Errorf("%s tells %q", path, secret)
			}
		}
		if strings.HasPrefix(path, "services?f") && !strings.Contains(body, "Frauenhaus") {
			t.Errorf("%s does not hold the place at all", path)
		}
	}
	near := hsdsGet(t, s, "/hsds/services?postcode=10115&proximity=500000")
	if n := len(contents(t, near)); n != 0 {
		t.Errorf("a circle finds %d protected places", n)
	}
}

// protectedServer has a directory with one protected place.
func protectedServer(t *testing.T) *Server {
	t.Helper()
	o := testOptions(t)
	const refuge = "source,source_id,name,operator,street,plz,city,state,lat,lon,coord_precision,phone,topics,description,licence,email,url,opening_hint,booking\n" +
		"x,Tor9,Frauenhaus am Park,Haus e.V.,Geheimweg 7,10115,Berlin,Berlin,52.5111,13.4222,address,030 1234567,schulden,Kommen Sie in den Geheimweg 7,CC0-1.0,haus@verborgen.example,https://verborgen.example,Durch den Hinterhof,https://verborgen.example/termin\n"
	d := directory.New(o.Directory.Options)
	d.DB = testenv.Migrated(t, testenv.SQLite(t))
	if _, err := d.Import(t.Context(), strings.NewReader(refuge), directory.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := d.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.Directory = d
	return serverOf(t, o)
}

func TestExportsComeBackIn(t *testing.T) {
	s := testServer(t)
	csv := get(s, "/hsds/centres.csv").Body.String()
	rows := strings.Count(csv, "\n") - 1
	if n := len(contents(t, hsdsGet(t, s, "/hsds/service_at_locations?per_page=500"))); rows < n || n == 0 {
		t.Errorf("%d rows for %d centres", rows, n)
	}
	var features struct{ Features []any }
	if err := json.Unmarshal(get(s, "/hsds/centres.geojson").Body.Bytes(), &features); err != nil || len(features.Features) == 0 {
		t.Errorf("%v %v", features, err)
	}
	feed := get(s, "/hsds/changes.atom").Body.String()
	if !strings.Contains(feed, "<entry>") || !strings.Contains(feed, "urn:uuid:") {
		t.Errorf("feed: %s", feed)
	}
	head, _, _ := strings.Cut(csv, "\n")
	pack := hsdsGet(t, s, "/hsds/datapackage.json")
	fields := pack["resources"].([]any)[0].(map[string]any)["schema"].(map[string]any)["fields"].([]any)
	if len(fields) != strings.Count(head, ",")+1 {
		t.Errorf("%d fields described, columns %s", len(fields), head)
	}
}
