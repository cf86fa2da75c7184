package directory

import (
	"os"
	"testing"
)

// What holds for the list the lexicon is developed with: a step back is seen.
const (
	leastOwnExact  = 97.0
	mostFalseAlarm = 6
)

// The list of whoever works on the lexicon, see testdata/queries_own.md. Here only
// a topic that was found in the words counts, not a broader one of it.
func TestOwnQueriesAreUnderstood(t *testing.T) {
	s := finder(t)
	var all, first tally
	for _, q := range readQueries(t, "testdata/queries_own.tsv", s.Taxonomy) {
		topics, crisis := s.TopicsIn(q.text, q.language)
		topics = inTheWords(topics)
		one := judge(q, topics, crisis)
		if one.hits+one.seen < one.queries+one.crises || one.falseAlarms+one.taken > 0 {
			t.Logf("%s %q: %v crisis %v, want %v crisis %v", q.language, q.text, firstTopics(topics), crisis, q.topics, q.crisis)
		}
		all = all.add(one)
		first = first.add(judge(q, topics[:min(1, len(topics))], crisis))
	}
	t.Logf("found in the words: %v; first: %.1f %%", all, share(first.hits, first.queries))
	if os.Getenv("LOTSE_DEVELOP") == "" && (share(all.hits, all.queries) < leastOwnExact || all.seen < all.crises || all.falseAlarms > mostFalseAlarm) {
		t.Errorf("want ≥ %v %% and every crisis, at most %d false alarms; got %v", leastOwnExact, mostFalseAlarm, all)
	}
}
