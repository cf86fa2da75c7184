package directory

import (
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/BurntSushi/toml"
)

// Topic is a field of counselling (Thema).
type Topic struct {
	ID      string            `toml:"id"`
	Start   bool              `toml:"start"`   // offered first on the start page
	General bool              `toml:"general"` // its centres help with everything, or know who does
	Labels  map[string]string `toml:"labels"`  // language → name
	Aliases []string          `toml:"aliases"` // tags of sources that mean this topic
	Also    []string          `toml:"also"`    // topics whose centres help with this one too, nearest first
}

// Label returns the topic's name in the language, or the German one.
func (t Topic) Label(language string) string {
	return cmp.Or(t.Labels[language], t.Labels["de"], t.ID)
}

// Taxonomy is the list of topics and the tags that lead to them.
type Taxonomy struct {
	topics []Topic
	byTag  map[string]string // id or alias → id
	byName map[string]string // the same and the German names, folded → id
	// general is the topic of centres for all kinds of worries.
	general string
}

// ParseTaxonomy reads the topics from TOML. A tag that leads to two topics, a
// topic without German name and a repeated id are errors.
func ParseTaxonomy(r io.Reader) (*Taxonomy, error) {
	var file struct {
		Topic []Topic `toml:"topic"`
	}
	meta, err := toml.NewDecoder(r).Decode(&file)
	if err != nil {
		return nil, fmt.Errorf("read topics: %w", err)
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return nil, fmt.Errorf("read topics: unknown key %q", extra[0].String())
	}
	return newTaxonomy(file.Topic)
}

func newTaxonomy(topics []Topic) (*Taxonomy, error) {
	x := &Taxonomy{topics: topics, byTag: map[string]string{}, byName: map[string]string{}}
	for _, t := range topics {
		if t.ID == "" || t.Labels["de"] == "" {
			return nil, fmt.Errorf("topic %q has no id or no German name", t.ID)
		}
		for _, tag := range append([]string{t.ID}, t.Aliases...) {
			if other, taken := x.byTag[tag]; taken {
				return nil, fmt.Errorf("tag %q leads to topics %q and %q", tag, other, t.ID)
			}
			x.byTag[tag] = t.ID
		}
		x.addNames(t)
		if t.General {
			x.general = t.ID
		}
	}
	return x, nil
}

// addNames lets lists of others name a topic as a person writes it: "Schulden". A
// name that two topics have stays with the first.
func (x *Taxonomy) addNames(t Topic) {
	for _, name := range append([]string{t.ID, t.Labels["de"], t.Labels["de-simple"]}, t.Aliases...) {
		if name = fold(name); x.byName[name] == "" && name != "" {
			x.byName[name] = t.ID
		}
	}
}

// Topics returns all topics in the order of the file.
func (x *Taxonomy) Topics() []Topic { return slices.Clone(x.topics) }

// Topic returns the topic with the id.
func (x *Taxonomy) Topic(id string) (Topic, bool) {
	for _, t := range x.topics {
		if t.ID == id {
			return t, true
		}
	}
	return Topic{}, false
}

// Resolve turns a source's tags into topics, sorted and without repeats, and
// names the tags that lead nowhere.
func (x *Taxonomy) Resolve(tags []string) (topics, unknown []string) {
	for _, tag := range tags {
		if id := cmp.Or(x.byTag[tag], x.byName[fold(tag)]); id != "" {
			topics = append(topics, id)
		} else if tag != "" {
			unknown = append(unknown, tag)
		}
	}
	slices.Sort(topics)
	return slices.Compact(topics), unknown
}
