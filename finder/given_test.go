package finder

import "testing"

// TestEveryNodeCanBeGiven gives each intermediate value in turn: it is taken as
// it is, and nothing computed contradicts it.
func TestEveryNodeCanBeGiven(t *testing.T) {
	r := rules(t)
	in := request(t, known(t)[0])
	in.Date = today
	for i := range r.nodes {
		n := &r.nodes[i]
		given := Say(7)
		if n.Unit == "bool" {
			given = Say(true)
		}
		in.Given = map[string]Given{n.ID: {All: &given}}
		run, err := r.start(&in)
		if err != nil {
			t.Fatalf("%s: %v", n.ID, err)
		}
		want := 7.0
		if n.Unit == "bool" {
			want = 1
		}
		if v := run.node(i, run.asker); v != point(want) {
			t.Errorf("%s is %v", n.ID, v)
		}
		run.end()
		if _, err := r.Evaluate(in); err != nil {
			t.Errorf("%s: %v", n.ID, err)
		}
	}
}
