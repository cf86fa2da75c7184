package finder

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// The vignettes are short stories written from the law, one file per benefit
// (testdata/vignettes/<benefit>.txtar). A story ends with lines
//
//	law: the paragraph that decides
//	date: 2026-11-23              (optional)
//	person Lena 21: fact value, … (an age or a birth; the first one asks)
//	person Kim 4 of Lena away: …  (with parents)
//	person Rosa 40 flatmate: …    (no relative)
//	person Kim 4 for Lena: …      (whose Kindergeld goes to somebody else)
//	couple: Lena Tom
//	household: fact value, …
//	expect: yes | no | first bafoeg | unclear | received | from 2027-01-01 | depends question …
//
// Values are yes, no, a number, low..high, an option, or ? for "not known". The
// line "usual:" ahead of the first story holds for every person who says nothing
// else. No by a rule that nobody has compared with the statute must be shown as
// unclear: "expect: no" takes either, and never a yes.
//
// "amount: 340" or "amount: 0..340" holds the amount to whole euros, "pays: 30"
// what the person pays.
func TestVignettes(t *testing.T) {
	files, err := filepath.Glob("testdata/vignettes/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no vignettes", err)
	}
	r := rules(t)
	for _, file := range files {
		benefit := strings.TrimSuffix(filepath.Base(file), ".txtar")
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(archive.Files) < 15 && !slices.Contains(withCases, benefit) {
			t.Errorf("%s has %d vignettes, want 15", benefit, len(archive.Files))
		}
		usual := lines(archive.Comment)["usual"]
		for _, story := range archive.Files {
			t.Run(benefit+"/"+story.Name, func(t *testing.T) { tell(t, r, benefit, usual, story.Data) })
		}
	}
}

// withCases are benefits whose amounts published cases hold; their vignettes
// tell what those leave out.
var withCases = []string{"alg", "buergergeld", "elterngeld", "grundsicherung", "kindergeld", "kinderzuschlag", "unterhaltsvorschuss", "wohngeld"}

func inEuros(a Range) string {
	low, high := fmt.Sprintf("%.0f", a.Low), fmt.Sprintf("%.0f", a.High)
	if low == high {
		return low
	}
	return low + ".." + high
}

// tell checks one story.
func tell(t *testing.T, r *Rules, benefit string, usual []string, story []byte) {
	said := lines(story)
	if len(said["law"]) != 1 || !strings.Contains(said["law"][0], "§") || len(said["expect"]) != 1 {
		t.Fatal("a vignette names its paragraph and one expectation")
	}
	q, err := situation(r, usual, said)
	if err != nil {
		t.Fatal(err)
	}
	got := ask(t, r, q, benefit)
	compared := func(r Reason) bool { return r.Verdict == "no" && r.Sure == "A" }
	if got.State == LikelyNo && !slices.ContainsFunc(got.Reasons, compared) {
		t.Error("says no though no failed condition is of certainty A: judge must make a condition below A weak")
	}
	for _, want := range said["amount"] {
		if got.Amount == nil || inEuros(*got.Amount) != want {
			t.Errorf("amount %v, want %s", got.Amount, want)
		}
	}
	for _, want := range said["pays"] {
		if got.Pays == nil || inEuros(*got.Pays) != want {
			t.Errorf("pays %v, want %s", got.Pays, want)
		}
	}
	if want := said["expect"][0]; !meets(got, want) {
		reasons, _ := json.Marshal(got.Reasons)
		t.Errorf("%s, missing %v, law %v; want %s by %s\n%s", got.State, got.Missing, got.Points, want, said["law"][0], reasons)
	}
}

// lines collects what follows "key: " by key; prose has no key.
func lines(text []byte) map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		key, rest, found := strings.Cut(strings.TrimSpace(line), ":")
		word, _, _ := strings.Cut(key, " ")
		if found && slices.Contains([]string{"usual", "law", "date", "person", "couple", "household", "expect", "amount", "pays"}, word) {
			if word == "person" {
				rest = strings.TrimPrefix(key, "person ") + ":" + rest
			}
			all[word] = append(all[word], strings.TrimSpace(rest))
		}
	}
	return all
}

// situation builds the request that a story tells.
func situation(r *Rules, usual []string, said map[string][]string) (Request, error) {
	q := Request{Date: today, Household: map[string]Answer{}}
	if len(said["date"]) > 0 {
		q.Date = said["date"][0]
	}
	for _, line := range said["person"] {
		p, err := personOf(r, &q, usual, line)
		if err != nil {
			return q, err
		}
		q.Persons = append(q.Persons, p)
	}
	for _, line := range said["couple"] {
		pair := strings.Fields(line)
		for i := range q.Persons {
			if k := slices.Index(pair, q.Persons[i].ID); k >= 0 {
				q.Persons[i].Partner = pair[1-k]
			}
		}
	}
	for _, line := range said["household"] {
		if err := answers(r, line, "household", q.Household); err != nil {
			return q, err
		}
	}
	return q, nil
}

// personOf reads "Lena 21: …" or "Kim 2022-05-01 of Lena away: …".
func personOf(r *Rules, q *Request, usual []string, line string) (Person, error) {
	head, rest, _ := strings.Cut(line, ":")
	words := strings.Fields(head)
	p := Person{ID: words[0], Birth: words[1], Facts: map[string]Answer{}}
	if age, err := strconv.Atoi(words[1]); err == nil && age < 120 {
		year, _ := strconv.Atoi(q.Date[:4])
		p.Birth = fmt.Sprintf("%d%s", year-age, q.Date[4:])
	}
	if len(words) > 3 && words[2] == "of" {
		p.Parents = words[3:]
	}
	p.Flatmate = slices.Contains(words, "flatmate")
	if len(words) > 3 && words[2] == "for" {
		p.KindergeldTo = words[3]
	}
	for _, line := range usual {
		common := map[string]Answer{}
		if err := answers(r, line, "", common); err != nil {
			return p, err
		}
		for id, a := range common {
			if r.facts[r.symbols[id].index].Of == "household" {
				if _, set := q.Household[id]; !set {
					q.Household[id] = a
				}
				continue
			}
			p.Facts[id] = a
		}
	}
	return p, answers(r, rest, "person", p.Facts)
}

// answers reads "fact value, fact value".
func answers(r *Rules, line, of string, into map[string]Answer) error {
	for part := range strings.SplitSeq(line, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		s := r.symbols[words[0]]
		if s.kind != isFact || len(words) != 2 || of != "" && r.facts[s.index].Of != of {
			return fmt.Errorf("%q says nothing about a fact of %s", part, of)
		}
		into[words[0]] = spokenValue(words[1])
	}
	return nil
}

func spokenValue(word string) Answer {
	if low, high, isRange := strings.Cut(word, ".."); isRange {
		a, _ := strconv.ParseFloat(low, 64)
		b, _ := strconv.ParseFloat(high, 64)
		return Say(Range{a, b})
	}
	if n, err := strconv.ParseFloat(word, 64); err == nil {
		return Say(n)
	}
	switch word {
	case "yes", "no":
		return Say(word == "yes")
	case "?":
		return Say(nil)
	}
	return Say(word)
}

// meets compares a result with what the law says.
func meets(got BenefitResult, want string) bool {
	words := strings.Fields(want)
	failed := slices.ContainsFunc(got.Reasons, func(r Reason) bool { return r.Verdict == "no" })
	switch words[0] {
	case "yes":
		return got.State == LikelyYes
	case "no":
		return got.State == LikelyNo || got.State == Unclear && failed
	case "unclear":
		return got.State == Unclear && !failed
	case "first":
		return got.State == OtherFirst && got.First == words[1]
	case "received":
		return got.State == Received
	case "from":
		return got.State == FromDate && got.From == words[1]
	case "depends":
		for _, question := range words[1:] {
			if !slices.Contains(got.Missing, question) {
				return false
			}
		}
		return got.State == Depends
	}
	return false
}
