package finder

import (
	"bytes"
	"encoding/json"
	"slices"
)

// exported is the rule set as a page gets it: docs/finder.md, Files.
type exported struct {
	From      string          `json:"from"`
	To        string          `json:"to"`
	Questions []question      `json:"questions"`
	Facts     []fact          `json:"facts"`
	Params    []exportedParam `json:"params"`
	Nodes     []exportedNode  `json:"nodes"`
	Benefits  []Benefit       `json:"benefits"`
	Bundles   []bundle        `json:"bundles"`
	Places    exportedPlaces  `json:"places"`
	Bodies    []exportedBody  `json:"bodies"`
}

// exportedPlaces is the table of postcodes as it is packed.
type exportedPlaces struct {
	Weak      bool     `json:"weak,omitempty"`
	Districts []string `json:"districts"`
	Gaps      string   `json:"gaps"`
	Runs      string   `json:"runs"`
	Levels    string   `json:"levels"`
}

type exportedBody struct {
	Office   string `json:"office"`
	AGS      string `json:"ags"`
	Name     string `json:"name,omitempty"`
	Children bool   `json:"children,omitempty"`
}

type exportedParam struct {
	ID    string            `json:"id"`
	Kind  string            `json:"kind"`
	Unit  string            `json:"unit"`
	First int               `json:"first,omitempty"`
	Point string            `json:"point,omitempty"`
	Dated []exportedFigures `json:"dated"`
}

// exportedFigures and exportedTerm have no From when they hold from before the
// span.
type exportedFigures struct {
	From     string            `json:"from,omitempty"`
	Is       json.RawMessage   `json:"is,omitempty"`
	Variants []json.RawMessage `json:"variants,omitempty"`
	Ends     bool              `json:"ends,omitempty"`
	Unknown  bool              `json:"unknown,omitempty"` // is = the last known figure
	Weak     bool              `json:"weak,omitempty"`
}

type exportedNode struct {
	ID    string         `json:"id"`
	Unit  string         `json:"unit"`
	Of    string         `json:"of,omitempty"`
	Dated []exportedTerm `json:"dated"`
}

type exportedTerm struct {
	From string `json:"from,omitempty"`
	Is   any    `json:"is"`
	Weak bool   `json:"weak,omitempty"`
}

// Export returns everything an interpreter in a page needs to evaluate requests
// dated from one day to another, as one JSON object: built-in facts left out,
// templates written out, only versions in force, without sources and what no
// interpreter reads.
func (r *Rules) Export(from, to string) ([]byte, error) { return r.export(from, to).encode() }

func (r *Rules) export(from, to string) *exported {
	out := &exported{From: from, To: to, Questions: r.questions, Bundles: r.bundles}
	for _, b := range r.benefits {
		out.Benefits = append(out.Benefits, b.export())
	}
	p := r.packed
	out.Places = exportedPlaces{p.weak(), p.Districts, p.Gaps, p.Runs, p.Levels}
	for _, b := range r.bodies {
		out.Bodies = append(out.Bodies, exportedBody{b.Office, b.AGS, b.Name, b.Children})
	}
	for _, f := range r.facts {
		if !f.builtin {
			out.Facts = append(out.Facts, f)
		}
	}
	for i := range r.params {
		out.Params = append(out.Params, r.params[i].export(from, to))
	}
	for _, n := range r.nodes {
		e := exportedNode{ID: n.ID, Unit: n.Unit, Of: n.Of, Dated: []exportedTerm{}}
		for i, d := range n.Dated {
			if inForce(i, len(n.Dated), from, to, func(k int) string { return n.Dated[k].From }) {
				e.Dated = append(e.Dated, exportedTerm{since(d.From, from), d.Is, d.weak})
			}
		}
		out.Nodes = append(out.Nodes, e)
	}
	return out
}

func (e *exported) encode() ([]byte, error) {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	err := enc.Encode(e)
	return bytes.TrimSpace(plain.Bytes()), err
}

// export returns the benefit without what is for editors and other interfaces.
func (b Benefit) export() Benefit {
	b.Access.Online.Src, b.Access.Online.Sure, b.Leika = "", "", ""
	b.Behind = slices.Clone(b.Behind)
	for i := range b.Behind {
		b.Behind[i].Law = ""
	}
	return b
}

func (p *param) export(from, to string) exportedParam {
	e := exportedParam{ID: p.ID, Kind: p.Kind, Unit: p.Unit, First: p.First, Point: p.Point, Dated: []exportedFigures{}}
	for i, d := range p.Dated {
		if !inForce(i, len(p.Dated), from, to, func(k int) string { return p.Dated[k].From }) {
			continue
		}
		figures := exportedFigures{From: since(d.From, from), Is: d.Is, Variants: d.Variants, Ends: d.Ends, Unknown: d.unknown, Weak: d.weak}
		if d.unknown {
			figures.Is = p.lastKnown(i)
		}
		e.Dated = append(e.Dated, figures)
	}
	return e
}

// since is the day from which a version holds, empty when that is before the span.
func since(day, from string) string {
	if day <= from {
		return ""
	}
	return day
}

// lastKnown is the figure before version i that was known.
func (p *param) lastKnown(i int) json.RawMessage {
	for k := i - 1; k >= 0; k-- {
		if !p.Dated[k].unknown && p.Dated[k].Is != nil {
			return p.Dated[k].Is
		}
	}
	return nil
}

// inForce says whether version i of n holds on some day of the span.
func inForce(i, n int, from, to string, starts func(int) string) bool {
	return starts(i) <= to && (i == n-1 || starts(i+1) > from)
}
