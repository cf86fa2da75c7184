package finder

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// Rules are loaded and checked rules. They do not change and may be used by
// many at once.
type Rules struct {
	questions []question
	facts     []fact
	pruning   []pruning // fact
	params    []param
	nodes     []node
	benefits  []Benefit
	bundles   []bundle
	places    places
	packed    packedPlaces
	bodies    []body

	symbols map[string]symbol // facts, parameters and nodes by id
	points  []string          // uncertain points of law; the index is the bit in Value.Laws
	changes []string          // every date at which a parameter or node changes, ascending
	laws    []*law            // the law before the first change and after each
	spare   sync.Pool         // memory of runs that have ended

	postcode, rentLevel int // facts; −1: there is none
}

type question struct {
	ID        string   `json:"id"`
	Facts     []string `json:"facts"`
	Sensitive bool     `json:"sensitive,omitempty"`
	When      any      `json:"when,omitempty"`

	when term
}

type fact struct {
	ID      string    `json:"id"`
	Of      string    `json:"of"`
	Kind    string    `json:"kind"`
	Unit    string    `json:"unit,omitempty"`
	Min     float64   `json:"min,omitempty"`
	Max     float64   `json:"max,omitempty"`
	Options []string  `json:"options,omitempty"`
	Try     []float64 `json:"try,omitempty"`
	Only    any       `json:"only,omitempty"`
	Else    any       `json:"else,omitempty"`

	pruning

	cause   setOfBits // its question
	builtin bool
}

// pruning says for whom a fact matters.
type pruning struct {
	only     term    // nil: for everybody
	fallback float64 // its value where it does not matter
	shared   bool    // a fact of the household
}

// Benefit is one benefit as the rules describe it.
type Benefit struct {
	ID           string      `json:"id"`
	Name         []datedName `json:"name"`
	Topic        string      `json:"topic"`           // counselling topic (configs/topics.toml)
	Leika        string      `json:"leika,omitempty"` // key of the German catalogue of administrative services
	Unit         string      `json:"unit"`
	Amount       any         `json:"amount,omitempty"`
	Pays         any         `json:"pays,omitempty"` // what the person pays for it
	Conditions   []condition `json:"conditions"`
	Received     any         `json:"received,omitempty"`
	Behind       []behind    `json:"behind,omitempty"`
	Alternatives []string    `json:"alternatives,omitempty"`
	Access       Access      `json:"access"`

	amount, pays, received term
}

// Access says how to get a benefit: which office, at which level, with what.
type Access struct {
	Office    string   `json:"office"`         // text key office.<office>
	Level     string   `json:"level"`          // municipality, district, state, federal
	Link      string   `json:"link,omitempty"` // leads to another authority's site
	Documents []string `json:"documents"`      // text keys document.<id>
	Online    Online   `json:"online"`
}

// Online says how far an application goes online, as far as somebody has seen it.
type Online struct {
	Level    string `json:"level"`          // text key ozg.<level>: unknown, or 0 to 4 with a source
	Offer    string `json:"offer"`          // text key online.<offer>: what there is in the whole country
	Sure     string `json:"sure,omitempty"` // of the offer: A, B or C
	Src      string `json:"src,omitempty"`  // empty only when nothing is claimed
	Reviewed string `json:"reviewed"`       // day
}

type datedName struct {
	From string `json:"from"`
	Key  string `json:"key"`
}

type condition struct {
	ID    string `json:"id"`
	Test  any    `json:"test"`
	Law   string `json:"law"`
	Sure  string `json:"sure"`
	Waits bool   `json:"waits,omitempty"`
	// Yields says that the benefit is not paid because another one goes first.
	Yields bool `json:"yields,omitempty"`

	test         term
	value, limit term // of a comparison
	unit         string
	texts        [3]string // text keys for no, unknown, yes
}

type behind struct {
	Benefit string `json:"benefit"`
	Test    any    `json:"test"`
	Law     string `json:"law,omitempty"`

	test term
}

type bundle struct {
	ID      string         `json:"id"`
	Options []bundleOption `json:"options"`
	Prefer  any            `json:"prefer"`

	prefer term
}

type bundleOption struct {
	ID       string   `json:"id"`
	Benefits []string `json:"benefits"`
}

const (
	maxQuestions = 30 // what fits into a set of causes
	maxOptions   = 32
)

// Load reads the rules from files in the layout of docs/finder.md and compiles
// them. It reports every problem it finds, not only the first.
func Load(files fs.FS) (*Rules, error) {
	r := &Rules{symbols: map[string]symbol{}}
	if err := r.read(files); err != nil {
		return nil, err
	}
	c := &compiler{rules: r, operators: operators()}
	c.declare()
	c.compile()
	if err := errors.Join(c.problems...); err != nil {
		return nil, err
	}
	if err := r.acyclic(); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *Rules) read(files fs.FS) error {
	var q struct {
		Questions []question `json:"questions"`
		Facts     []fact     `json:"facts"`
	}
	var b struct {
		Bundles []bundle `json:"bundles"`
	}
	problems := []error{readFile(files, "questions.json", &q), readFile(files, "bundles.json", &b), r.readPlaces(files), r.readBodies(files)}
	given := len(problems)
	r.questions, r.facts, r.bundles = q.Questions, append(builtins(), q.Facts...), b.Bundles
	law := readAll(files, "law", &problems, func(f *struct {
		Params []param `json:"params"`
	}) {
		r.params = append(r.params, f.Params...)
	})
	formulas := readAll(files, "formulas", &problems, func(f *struct {
		Nodes []node `json:"nodes"`
	}) {
		for _, n := range f.Nodes {
			r.nodes = append(r.nodes, n.each()...)
		}
	})
	benefits := readAll(files, "benefits", &problems, func(b *Benefit) { r.benefits = append(r.benefits, *b) })
	if len(problems) == given && !(law && formulas && benefits) {
		problems = append(problems, errors.New("law, formulas and benefits each need a file"))
	}
	return errors.Join(problems...)
}

// readAll reads every JSON file of a folder, by name, and says whether there
// was one.
func readAll[T any](files fs.FS, folder string, problems *[]error, take func(*T)) bool {
	names, err := fs.Glob(files, folder+"/*.json")
	if err != nil {
		*problems = append(*problems, err)
	}
	slices.Sort(names)
	for _, name := range names {
		var content T
		if err := readFile(files, name, &content); err != nil {
			*problems = append(*problems, err)
			continue
		}
		take(&content)
	}
	return len(names) > 0
}

// readFile decodes one file strictly: no unknown keys, nothing after the end.
func readFile(files fs.FS, name string, into any) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(content))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if dec.More() {
		return fmt.Errorf("%s: more than one value", name)
	}
	return nil
}

// acyclic reports a node that depends on itself.
func (r *Rules) acyclic() error {
	const open, done = 1, 2
	state := make([]byte, len(r.nodes))
	var path []string
	var visit func(i int) error
	visit = func(i int) error {
		switch state[i] {
		case done:
			return nil
		case open:
			return fmt.Errorf("%s depends on itself: %s", r.nodes[i].ID, strings.Join(append(path, r.nodes[i].ID), " → "))
		}
		state[i] = open
		path = append(path, r.nodes[i].ID)
		for _, dep := range r.nodes[i].deps {
			if err := visit(dep); err != nil {
				return err
			}
		}
		path = path[:len(path)-1]
		state[i] = done
		return nil
	}
	for i := range r.nodes {
		if err := visit(i); err != nil {
			return err
		}
	}
	return nil
}
