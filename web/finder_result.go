package web

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"lotse/finder"
)

// resultView is what the rules say, in words and sorted by what helps most.
type resultView struct {
	Date     string // of the law, as the language writes it
	Groups   []resultGroup
	Topics   []topicChoice // of counselling, the most needed first
	Postcode string        // as answered, or empty
	Place    *placeView    // nil: no postcode
	Text     string        // the result as plain text, to take along
	Here     here          // for the first topic
}

// resultGroup is the benefits of one kind.
type resultGroup struct {
	Before []bundleView // stand before them
	State  string
	Cards  []benefitCard
}

// benefitCard is one benefit.
type benefitCard struct {
	ID, Name, About  string
	State            finder.State // or doubt
	Verdict          string
	Unsure           bool
	Amount           string
	Pays             string // what the person pays themselves
	First, From      string
	Reasons          []reasonView
	Missing          []optionView // questions that would decide
	Outcomes         []string
	Office, Level    string
	Where            []string // who is responsible at the place
	Anywhere         bool     // any municipality takes the application and passes it on
	WhereUnsure      bool     // by a table that nobody has compared with the law of the Land
	Link, Host       string   // of another authority
	Online           []string
	Documents        []string
	Topic, TopicName string // of counselling
	Here             string // whether somebody is there for it
	Soonest          soonest
	Ask              bool // counsel is needed before giving up
}

type reasonView struct{ Verdict, Text, Law, Detail string }

// bundleView sets two ways against each other.
type bundleView struct {
	ID      string
	Name    string // of both ways
	Prefer  string
	Options []bundleSide
}

type bundleSide struct {
	Name, Amount string
	Benefits     []string
	First        bool // goes first by law
}

// soonest is the soonest free appointment that a centre near the person has stated.
type soonest struct{ ID, Name, Slot string }

// doubt is what a page shows for Unclear where the law is clear and our figures
// are not certain: rather no.
const doubt finder.State = "doubt"

// shownAs is the state that a page shows.
func shownAs(b finder.BenefitResult) finder.State {
	if b.State == finder.Unclear && len(b.Points) == 0 {
		return doubt
	}
	return b.State
}

// refused says that the answer is no, for now or with a doubt.
func refused(b finder.BenefitResult) bool {
	return slices.Contains([]finder.State{finder.LikelyNo, finder.FromDate, doubt}, shownAs(b))
}

// groupOrder is the states in the order of the page.
var groupOrder = []finder.State{
	finder.LikelyYes, finder.OtherFirst, finder.FromDate, finder.Depends, finder.Unclear, doubt, finder.Received, finder.LikelyNo,
}

// saysNothing is an upper end that tells nobody anything when the lower is 0, or
// less than a part in tooWide of it.
const saysNothing, tooWide = 4_000, 4

// result is the page of results.
func (t *turn) result() (finderView, error) {
	if _, err := t.st.prune(t.s.finder); err != nil {
		return finderView{}, err
	}
	found, err := t.s.finder.Evaluate(t.st.request())
	if err != nil {
		return finderView{}, err
	}
	view := t.view("result")
	view.Result = &resultView{Date: dayIn(found.Date), Topics: t.topics(found), Postcode: t.st.postcode(), Place: t.place(found), Text: t.asText(found)}
	if view.Result.Groups, err = t.groups(found); err != nil {
		return finderView{}, err
	}
	view.Result.Here, err = t.here(append(view.Result.Topics, topicChoice{})[0].ID)
	return view, err
}

// here says whether somebody is there for a topic.
func (t *turn) here(topic string) (here, error) {
	return t.s.hereFor(t.r.Context(), t.lang, t.s.finderAsk(t.r, topic))
}

// dayIn writes a date as people here do.
func dayIn(date string) string {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return day.Format("2.1.2006")
}

func (t *turn) groups(found finder.Result) ([]resultGroup, error) {
	names := map[string]string{}
	for _, b := range found.Benefits {
		names[b.ID] = t.s.texts.rule(t.lang, b.Name)
	}
	var groups []resultGroup
	for _, state := range groupOrder {
		group := resultGroup{State: string(state)}
		for i, b := range found.Benefits {
			if shownAs(b) != state {
				continue
			}
			card := t.card(b, t.s.finder.Benefits()[i].Access, names)
			if err := t.counsel(&card, t.s.finder.Benefits()[i].Topic); err != nil {
				return nil, err
			}
			group.Cards = append(group.Cards, card)
		}
		// What fewest answers would decide comes first.
		slices.SortStableFunc(group.Cards, func(a, b benefitCard) int { return cmp.Compare(len(a.Missing), len(b.Missing)) })
		if len(group.Cards) > 0 {
			groups = append(groups, group)
		}
	}
	// Ways that exclude each other follow what is likely and come before what is not.
	for i := range groups {
		if !slices.Contains(groupOrder[:3], finder.State(groups[i].State)) {
			groups[i].Before = t.bundles(found)
			break
		}
	}
	return groups, nil
}

// counsel names the topic of counselling beside a benefit.
func (t *turn) counsel(c *benefitCard, topic string) error {
	now, err := t.here(topic)
	if err != nil {
		return err
	}
	c.Topic, c.TopicName, c.Here = topic, t.s.topicLabel(topic, string(t.lang)), now.Brief()
	if c.Soonest, err = t.soonest(topic); err != nil {
		return err
	}
	c.Ask = slices.Contains([]finder.State{finder.Unclear, doubt, finder.LikelyNo}, c.State)
	return nil
}

// soonest names the soonest free appointment for a topic near the person; empty when
// no centre has stated one, or no postcode was given.
func (t *turn) soonest(topic string) (soonest, error) {
	now := time.Now().In(t.s.zone)
	c := t.s.directory.Soonest(topic, t.st.postcode(), now)
	if c == nil {
		return soonest{}, nil
	}
	text, err := t.s.texts.slot(voice{lang: t.lang}, c.NextSlot(now), now)
	return soonest{c.ID, c.Name, text}, err
}

// verdict is a state in words.
func (t *turn) verdict(state finder.State) string {
	if state == doubt {
		return t.s.texts.say(t.lang, "finder.doubt")
	}
	return t.s.texts.rule(t.lang, "state."+string(state))
}

func (t *turn) card(b finder.BenefitResult, access finder.Access, names map[string]string) benefitCard {
	texts, lang := t.s.texts, t.lang
	c := benefitCard{
		ID: b.ID, Name: names[b.ID], State: shownAs(b), Verdict: t.verdict(shownAs(b)), Unsure: !b.Sure, First: names[b.First],
		Amount: t.money(b.Amount, b.Unit), Pays: t.pays(b.Pays), Link: access.Link, Level: texts.rule(lang, "level."+access.Level),
		Office: texts.rule(lang, "office."+access.Office), Reasons: t.reasons(b),
	}
	c.About, _ = texts.known(lang, "benefit."+b.ID+".about")
	if b.From != "" {
		c.From = dayIn(b.From)
	}
	if to, err := url.Parse(access.Link); err == nil {
		c.Host = to.Host
	}
	for _, id := range access.Documents {
		c.Documents = append(c.Documents, texts.rule(lang, "document."+id))
	}
	if b.State == finder.Depends {
		for _, id := range b.Missing {
			c.Missing = append(c.Missing, optionView{id, texts.rule(lang, "question."+id)})
		}
	}
	c.Outcomes = t.outcomes(b)
	c.Where, c.WhereUnsure = t.where(b.Where)
	c.Online, c.Anywhere = t.s.online(lang, access.Online), takenAnywhere(access)
	return c
}

// reasons are the conditions that speak for the state: those that fail when it
// is no, all otherwise.
func (t *turn) reasons(b finder.BenefitResult) []reasonView {
	var all []reasonView
	for _, r := range b.Reasons {
		if refused(b) && r.Verdict != "no" {
			continue
		}
		view := reasonView{Verdict: r.Verdict, Text: t.s.texts.rule(t.lang, r.Text), Law: r.Law}
		if r.Value != nil && r.Limit != nil && r.Value.Low == r.Value.High && r.Limit.Low == r.Limit.High {
			if unit := t.s.texts.unit(t.lang, r.Unit); unit != "" {
				view.Detail = t.s.texts.say(t.lang, "finder.compared", "value", amount(t.lang, r.Value.Low), "limit", amount(t.lang, r.Limit.Low), "unit", unit)
			}
		}
		all = append(all, view)
	}
	return all
}

// outcomes say what each reading of an uncertain point of law would give. They
// are left out where all readings give the same.
func (t *turn) outcomes(b finder.BenefitResult) []string {
	var all []string
	same := func(a, b finder.Outcome) bool { return a.State == b.State }
	for _, point := range b.Points {
		of := slices.DeleteFunc(slices.Clone(b.Outcomes), func(o finder.Outcome) bool { return o.Point != point })
		if len(of) < 2 || len(slices.CompactFunc(slices.Clone(of), same)) < 2 {
			continue
		}
		lines := []string{t.s.texts.rule(t.lang, "law."+point)}
		for i, o := range of {
			verdict := t.verdict(o.State)
			if money := t.money(o.Amount, b.Unit); money != "" {
				verdict += ", " + money
			}
			lines = append(lines, t.s.texts.say(t.lang, "finder.reading", "n", i+1, "outcome", verdict))
		}
		all = append(all, strings.Join(lines, " "))
	}
	return all
}

// money is an amount in words: about so much, so much to so much, up to so much,
// at least so much.
func (t *turn) money(r *finder.Range, unit string) string {
	if r == nil || r.High < 0.5 || r.Low < 1 && r.High > saysNothing {
		return ""
	}
	low, high := math.Round(r.Low), math.Round(r.High)
	key := "finder.amount.range"
	switch {
	case low == high:
		key = "finder.amount.about"
	case low == 0:
		key = "finder.amount.upto"
	case high > saysNothing && high > tooWide*low:
		key = "finder.amount.atleast"
	}
	return t.s.texts.say(t.lang, key, "low", amount(t.lang, low), "high", amount(t.lang, high), "unit", t.s.texts.unit(t.lang, unit))
}

// pays is in words what the person pays for a benefit.
func (t *turn) pays(r *finder.Range) string {
	if r != nil && r.High < 0.5 {
		return t.s.texts.say(t.lang, "finder.pays_nothing")
	}
	if sum := t.money(r, "EUR/month"); sum != "" {
		return t.s.texts.say(t.lang, "finder.pays", "amount", sum)
	}
	return ""
}

// bundles are the ways that exclude each other and of which more than one may be
// open.
func (t *turn) bundles(found finder.Result) []bundleView {
	names, open := map[string]string{}, map[string]bool{}
	for _, b := range found.Benefits {
		names[b.ID] = t.s.texts.rule(t.lang, b.Name)
		open[b.ID] = !refused(b)
	}
	var all []bundleView
	for _, b := range found.Bundles {
		view := bundleView{ID: b.ID, Prefer: b.Prefer}
		for i, o := range b.Options {
			side := bundleSide{Name: t.s.texts.rule(t.lang, "bundle."+b.ID+"."+o.ID), Amount: t.money(o.Amount, "EUR/month"), First: b.Prefer == []string{"no", "yes"}[i]}
			for _, id := range o.Benefits {
				if open[id] {
					side.Benefits = append(side.Benefits, names[id])
				}
			}
			view.Options = append(view.Options, side)
		}
		if hasOwn(b.Options[0], b.Options[1], open) && hasOwn(b.Options[1], b.Options[0], open) {
			view.Name = t.s.texts.say(t.lang, "finder.bundle.name", "one", view.Options[0].Name, "two", view.Options[1].Name)
			all = append(all, view)
		}
	}
	return all
}

// hasOwn says whether a way has a benefit open to it that the other lacks.
func hasOwn(way, other finder.BundleOption, open map[string]bool) bool {
	return slices.ContainsFunc(way.Benefits, func(id string) bool { return open[id] && !slices.Contains(other.Benefits, id) })
}

// asText is the result as plain text, for a chat or to keep.
func (t *turn) asText(found finder.Result) string {
	say, rule := t.s.texts.say, t.s.texts.rule
	lines := []string{say(t.lang, "finder.result"), say(t.lang, "finder.law_of", "date", dayIn(found.Date)), ""}
	for _, state := range groupOrder {
		for _, b := range found.Benefits {
			if shownAs(b) != state {
				continue
			}
			line := rule(t.lang, b.Name) + ": " + t.verdict(state)
			if money := t.money(b.Amount, b.Unit); money != "" {
				line += ", " + money
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// counselOrder is the states in the order in which counsel is needed. A refusal
// comes late, for most of what is refused concerns nobody in the household; it has
// its own way to counsel on the card.
var counselOrder = []finder.State{
	finder.Unclear, doubt, finder.Depends, finder.LikelyYes, finder.OtherFirst, finder.FromDate, finder.LikelyNo, finder.Received,
}

// topics are the topics of counselling for the benefits of a result: first
// where counsel is needed most.
func (t *turn) topics(found finder.Result) []topicChoice {
	var all []topicChoice
	for _, state := range counselOrder {
		for i, b := range found.Benefits {
			topic, known := t.s.directory.Topic(t.s.finder.Benefits()[i].Topic)
			choice := topicChoice{topic.ID, topic.Label(string(t.lang))}
			if known && shownAs(b) == state && !slices.Contains(all, choice) {
				all = append(all, choice)
			}
		}
	}
	return all
}
