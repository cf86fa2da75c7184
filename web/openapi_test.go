package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"lotse/directory"
)

// schemas checks values against the OpenAPI document, as far as the document
// uses JSON Schema.
type schemas struct{ doc map[string]any }

func readOpenAPI(t *testing.T, s *Server) schemas {
	t.Helper()
	w := get(s, "/api/v1/openapi.json")
	var doc map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || w.Code != http.StatusOK {
		t.Fatal(w.Code, err)
	}
	return schemas{doc}
}

// at follows a path of keys parted by slashes.
func (s schemas) at(path string) map[string]any {
	var here any = s.doc
	for key := range strings.SplitSeq(strings.Trim(path, "/#"), "/") {
		here = here.(map[string]any)[strings.ReplaceAll(key, "~1", "/")]
	}
	found, _ := here.(map[string]any)
	return found
}

// check returns what of v breaks the schema.
func (s schemas) check(schema map[string]any, v any, where string) []string {
	if ref, ok := schema["$ref"].(string); ok {
		return s.check(s.at(ref), v, where)
	}
	if forms, ok := schema["anyOf"].([]any); ok {
		for _, one := range forms {
			if len(s.check(one.(map[string]any), v, where)) == 0 {
				return nil
			}
		}
		return []string{where + " is none of the forms"}
	}
	if !hasType(schema["type"], v) {
		return []string{fmt.Sprintf("%s: %v is no %v", where, v, schema["type"])}
	}
	if among, ok := schema["enum"].([]any); ok && !slices.Contains(among, v) {
		return []string{fmt.Sprintf("%s: %v is none of %v", where, v, among)}
	}
	var wrong []string
	switch v := v.(type) {
	case string:
		if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(v) {
			wrong = append(wrong, where+" does not match "+pattern)
		}
	case []any:
		for i, item := range v {
			wrong = append(wrong, s.check(schema["items"].(map[string]any), item, fmt.Sprintf("%s[%d]", where, i))...)
		}
	case map[string]any:
		wrong = append(wrong, s.object(schema, v, where)...)
	}
	return wrong
}

func (s schemas) object(schema, v map[string]any, where string) []string {
	var wrong []string
	properties, _ := schema["properties"].(map[string]any)
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, ok := v[name.(string)]; !ok {
			wrong = append(wrong, fmt.Sprintf("%s lacks %v", where, name))
		}
	}
	for name, value := range v {
		one, known := properties[name].(map[string]any)
		if !known {
			one, known = schema["additionalProperties"].(map[string]any)
		}
		if !known {
			wrong = append(wrong, where+" has "+name)
			continue
		}
		wrong = append(wrong, s.check(one, value, where+"."+name)...)
	}
	return wrong
}

func hasType(want, v any) bool {
	kind := "null"
	switch v := v.(type) {
	case bool:
		kind = "boolean"
	case string:
		kind = "string"
	case []any:
		kind = "array"
	case map[string]any:
		kind = "object"
	case float64:
		if kind = "number"; want == "integer" && v == float64(int(v)) {
			kind = "integer"
		}
	}
	if list, ok := want.([]any); ok {
		return slices.Contains(list, any(kind))
	}
	return want == kind
}

// apiRequests are households of many kinds, and mistakes.
var apiRequests = []string{
	`{}`,
	`{"persons":[]}`,
	`{"date":"2026-11-23","persons":[{"id":"p","birth":"1990-04-12","facts":{"wage":1500,"residence":"german"}}],"next":true}`,
	`{"date":"2026-11-23","asker":"a","persons":[{"id":"a","birth":"1990","partner":"b","facts":{"wage":{"low":0,"high":900}}},{"id":"b","birth":"1988","partner":"a"},
	  {"id":"k","birth":"2019-02","parents":["a","b"],"kindergeld_to":"b"},{"id":"l","parents":["a","away"]}],"household":{"rent":{"low":400,"high":600},"heating":null,"owner":false}}`,
	`{"date":"2026-11-23","persons":[{"id":"p","birth":"1950","facts":{"residence":"tolerated","pension":400}}],"answers":{"assets":0},"given":{"kg.amount":{"p":259}},"pinned":{"residence_status":1}}`,
	`{"date":"2026-11-23","persons":[{"id":"p","birth":"1950"}],"household":{"postcode":"21465"}}`,
	`{"date":"2027-05-01","persons":[{"id":"p","birth":"2003","facts":{"training":"study"}}]}`,
	`{"persons":[{"id":"p","partner":"q","parents":["p"],"facts":{"wage":"x"}}],"asker":"z","household":{"nose":1},"pinned":{"nose":0}}`,
}

// TestOpenAPIFitsWhatTheHandlersTakeAndGive sends requests that fit the
// description, and mistakes, and compares every answer with it.
func TestOpenAPIFitsWhatTheHandlersTakeAndGive(t *testing.T) {
	s := testServer(t)
	doc := readOpenAPI(t, s)
	const evaluate = "paths/~1api~1v1~1finder~1evaluate/post/"
	fits := func(schema map[string]any, body []byte, where string) {
		t.Helper()
		var v any
		if err := json.Unmarshal(body, &v); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range doc.check(schema, v, where) {
			t.Error(wrong)
		}
	}
	for i, in := range apiRequests {
		fits(doc.at(evaluate+"requestBody/content/application~1json/schema"), []byte(in), "request")
		w := postJSON(s, "/api/v1/finder/evaluate"+[]string{"", "?language=uk"}[i%2], in)
		if w.Code == http.StatusOK {
			fits(doc.at(evaluate+"responses/200/content/application~1json/schema"), w.Body.Bytes(), "result")
			continue
		}
		if doc.at(evaluate+fmt.Sprintf("responses/%d", w.Code)) == nil {
			t.Errorf("the status %d is not described", w.Code)
		}
		fits(doc.at("components/schemas/Problem"), w.Body.Bytes(), "problem")
	}
	for query, schema := range map[string]string{"": "Questions", "?date=2024-01-01": "Questions", "?date=x": "Problem", "?language=de-simple": "Questions", "?language=xx": "Problem"} {
		fits(doc.at("components/schemas/"+schema), get(s, "/api/v1/finder/questions"+query).Body.Bytes(), "questions"+query)
	}
}

// What the search answers, with and without a chat and an appointment, is as it is
// described.
func TestOpenAPIFitsTheSearch(t *testing.T) {
	o := testOptions(t)
	o.Directory.Live = lineOpen{demoDebt: {State: "queue", FromMin: 3, ToMin: 5}}
	s := serverOf(t, o)
	doc := readOpenAPI(t, s)
	today := time.Now().In(s.zone).Format(time.DateOnly)
	edited(t, o, func(e *directory.Entry) { e.Venue.Slot = &directory.Slot{Day: today, Stated: today} })
	for address, path := range map[string]string{
		"centres?q=schulden+50667": "centres", "centres?q=xyzxyz": "centres", "centres?postcode=1": "centres", "topics?q=schulden": "topics", "suggest?q=k": "suggest", "suggest?kind=x": "suggest",
	} {
		w := get(s, "/api/v1/"+address)
		schema := doc.at("paths/~1api~1v1~1" + path + "/get/responses/200/content/application~1json/schema")
		if w.Code != http.StatusOK {
			schema = doc.at("components/schemas/Problem")
		}
		var v any
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		for _, wrong := range doc.check(schema, v, address) {
			t.Error(wrong)
		}
	}
}

// TestOpenAPIKnowsTheRoutes compares the paths with the route table.
func TestOpenAPIKnowsTheRoutes(t *testing.T) {
	s := testServer(t)
	doc := readOpenAPI(t, s)
	for path, item := range doc.at("paths") {
		for method := range item.(map[string]any) {
			pattern := strings.ToUpper(method) + " " + path
			if !slices.ContainsFunc(s.routes(), func(r Route) bool { return r.Pattern == pattern }) {
				t.Errorf("there is no route %s", pattern)
			}
		}
	}
	for _, r := range s.routes() {
		if method, path, _ := strings.Cut(r.Pattern, " "); strings.HasPrefix(path, "/api/v1/finder/") && doc.at("paths/"+strings.ReplaceAll(path, "/", "~1")+"/"+strings.ToLower(method)) == nil {
			t.Errorf("%s is not described", r.Pattern)
		}
	}
}
