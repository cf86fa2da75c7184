package directory

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Every public service, typed by its official name, leads to its topic.
func TestServicesLeadToTheirTopics(t *testing.T) {
	file, err := os.Open(filepath.Join(sharedData(t), "ozg_topics.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	s, services := finder(t), 0
	for _, row := range rows[1:] {
		name, want := row[1], s.Taxonomy.byTag[row[3]]
		if row[2] == "permit" {
			want = "traeger"
		}
		if name == "keine" {
			continue
		}
		services++
		topics, _ := s.TopicsIn(name, "de")
		if !slices.Contains(firstTopics(topics), want) {
			t.Errorf("%s: %v, want %s", name, firstTopics(topics), want)
		}
	}
	if services != 54 {
		t.Errorf("%d services, want 54", services)
	}
}

// Every topic has a name in each language and words to be found by.
func TestTopicsHaveNamesAndWords(t *testing.T) {
	words := realLexicon(t).Topics()
	for _, topic := range realTaxonomy(t).Topics() {
		for _, language := range []string{"de", "de-simple", "en", "ar", "tr", "uk", "ru", "fa", "pl"} {
			if topic.Labels[language] == "" {
				t.Errorf("%s has no name in %s", topic.ID, language)
			}
		}
		if !slices.Contains(words, topic.ID) && topic.ID != "sonstiges" {
			t.Errorf("no words lead to %s", topic.ID)
		}
	}
}
