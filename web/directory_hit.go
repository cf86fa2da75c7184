package web

import (
	"math"
	"net/url"
	"slices"
	"time"

	"lotse/chat"
	"lotse/directory"
	"lotse/directory/hours"
)

// hitView is a centre in a list, in words.
type hitView struct {
	directory.Hit
	Open      string // when it is open; empty when that is not known
	OpenState string
	Talk      string // whether somebody can be written to; empty when it has no chat
	TalkState string
	TalkNow   string   // query of the chat, while somebody answers; else empty
	Slot      string   // the next free appointment that the centre has stated; empty: none
	Spoken    []string // languages other than German
	StepFree  bool
	Why       []string // the topics it was found by
	KM        int      // whole kilometres; 0 for less than one, -1 when unknown or of no use
	Placed    bool     // it is known where the person is, so that the tier says something
}

// hitViews puts the results into words.
func (s *Server) hitViews(lang Lang, found directory.Answer) (views []hitView, err error) {
	now := time.Now().In(s.zone)
	placed := found.Place.Located()
	for _, hit := range found.Results {
		view := hitView{Hit: hit, Placed: placed, KM: int(math.Floor(hit.DistanceKM)), StepFree: slices.Contains(hit.Accessibility, "step_free")}
		if hit.Tier == directory.Anywhere {
			view.KM = -1 // it is not for going there
		}
		others := slices.DeleteFunc(slices.Clone(hit.Languages), func(code string) bool { return code == string(German) })
		view.Spoken = s.languageNames(lang, others)
		for _, id := range hit.Found {
			view.Why = append(view.Why, s.topicLabel(id, string(lang)))
		}
		if view.Open, err = s.texts.opening(voice{lang: lang}, hit.Centre, hit.Open, now); err != nil {
			return nil, err
		}
		view.OpenState = hit.Open.State.String()
		if view.Talk, view.TalkState, err = s.texts.talk(voice{lang: lang}, hit.Chat, now); err != nil {
			return nil, err
		}
		if view.Slot, err = s.texts.slot(voice{lang: lang}, hit.NextSlot(now), now); err != nil {
			return nil, err
		}
		if answers(view.TalkState) {
			view.TalkNow = "?" + url.Values{"centre": {hit.ID}, "topic": {first(hit.Found, hit.Topics)}}.Encode()
		}
		views = append(views, view)
	}
	return views, nil
}

// AssuredDay is the date of the last confirmation in words, or empty.
func (v hitView) AssuredDay() string {
	day, err := time.Parse(time.DateOnly, v.Assured)
	if err != nil {
		return ""
	}
	return day.Format("2.1.2006")
}

// answers reports whether somebody answers on a line of the state, at once or after
// a wait.
func answers(state string) bool {
	return state == string(chat.LineFree) || state == string(chat.LineQueue)
}

// first returns the first string of the lists, or "".
func first(lists ...[]string) string {
	for _, s := range slices.Concat(lists...) {
		return s
	}
	return ""
}

// opening says when a centre is open: now and until when, or when next. It is
// empty when the hours are not stated, or not in a form that can be read.
func (t *texts) opening(v voice, c *directory.Centre, status hours.Status, now time.Time) (string, error) {
	switch {
	case c.OpeningHours == "":
		return "", nil
	case status.State == hours.Open && !status.Until.IsZero() && status.Until.Sub(now) < 24*time.Hour:
		return t.text(v, "centres.open.until", "time", status.Until.In(now.Location()).Format("15:04"))
	case status.State == hours.Open:
		return t.text(v, "centres.open.now")
	case status.State == hours.ByArrangement:
		return t.text(v, "centres.open.arranged")
	case status.State == hours.Unknown:
		return t.unsure(v, c)
	case status.Opens.IsZero():
		return t.text(v, "centres.open.closed")
	}
	return t.moment(v, "centres.opens.", status.Opens, now)
}

// unsure is for hours that depend on a holiday nobody knows for certain.
func (t *texts) unsure(v voice, c *directory.Centre) (string, error) {
	if _, err := hours.Parse(c.OpeningHours); err != nil {
		return "", nil
	}
	return t.text(v, "centres.open.unsure")
}

// talk says whether somebody can be written to.
func (t *texts) talk(v voice, line *directory.Chat, now time.Time) (text, state string, err error) {
	if line == nil {
		return "", "", nil
	}
	state = line.State
	switch chat.Openness(state) {
	case chat.LineQueue:
		text, err = t.text(v, "centres.chat.queue", "low", line.FromMin, "high", line.ToMin)
	case chat.LineClosed:
		if !line.Opens.IsZero() {
			text, err = t.moment(v, "centres.chat_opens.", line.Opens, now)
			break
		}
		text, err = t.text(v, "centres.chat.closed")
	default:
		text, err = t.text(v, "centres.chat."+state)
	}
	return text, state, err
}
