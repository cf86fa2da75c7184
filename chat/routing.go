package chat

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"lotse/internal/roster"
	"lotse/internal/staff"
)

// Ask is what a seeker looks for. Empty fields do not narrow the choice.
type Ask struct {
	Topic    string
	Language string
	Postcode string // five digits, never stored
	Centre   string // directory id of a centre
}

// Tiers sorts the teams that may serve an ask, nearest first: those of the same
// centre (or of a centre whose catchment covers the postcode), those of the same
// provider, pool, nationwide. covering are the ids of the covering centres.
func Tiers(teams []staff.Team, ask Ask, covering []string) [][]staff.Team {
	fits := slices.DeleteFunc(slices.Clone(teams), func(t staff.Team) bool {
		return !offers(t.Topics, ask.Topic) || !offers(t.Languages, ask.Language)
	})
	near := func(t staff.Team) bool {
		return slices.ContainsFunc(t.Centres, func(c string) bool {
			return c == ask.Centre || slices.Contains(covering, c)
		})
	}
	local := map[staff.ProviderID]bool{}
	for _, t := range teams {
		if near(t) {
			local[t.Provider] = true
		}
	}
	tier := func(t staff.Team) int {
		switch {
		case near(t):
			return 0
		case local[t.Provider]:
			return 1
		case t.Reach == staff.Pool:
			return 2
		case t.Reach == staff.Nationwide:
			return 3
		}
		return -1
	}
	out := make([][]staff.Team, 4)
	for _, t := range fits {
		if n := tier(t); n >= 0 {
			out[n] = append(out[n], t)
		}
	}
	return slices.DeleteFunc(out, func(t []staff.Team) bool { return len(t) == 0 })
}

// offers reports whether a list covers what is wanted; an empty list offers all.
func offers(list []string, want string) bool {
	return want == "" || len(list) == 0 || slices.Contains(list, want)
}

// Desk is a counsellor on duty for one team, as routing sees them.
type Desk struct {
	Person    staff.ID
	KID       string
	Team      staff.TeamID
	Channels  []roster.Channel
	Topics    []string // of the duty; empty: the team's
	Languages []string
	Skills    staff.Skills
	Ready     bool // present, and has pressed ready
	Here      bool // present at all
	Busy      bool // has an appointment within the lead time
	Places    int
	Load      int       // weight of what is offered to or active with them
	Idle      time.Time // since when
	Until     time.Time // end of the unbroken duty
}

// Need is what a conversation asks of a counsellor.
type Need struct {
	Kind     Kind
	Topic    string
	Language string
	Readers  []string      // keys that can open it; nil: any
	Guard    time.Duration // no new live chat in this last part of a duty
}

// Suits reports whether a desk could serve the need if it had a place: on duty
// for the channel, ready, not about to leave, with topic, language and key.
func (d Desk) Suits(n Need, now time.Time) bool {
	return d.Ready && !d.Busy && d.Fits(n) && now.Add(n.Guard).Before(d.Until)
}

// Fits reports whether duty, skills and key are right, whatever the moment.
func (d Desk) Fits(n Need) bool {
	return slices.Contains(d.Channels, channelOf(n.Kind)) &&
		offers(d.Topics, n.Topic) && offers(d.Skills.Topics, n.Topic) &&
		offers(d.Languages, n.Language) && offers(d.Skills.Languages, n.Language) &&
		(n.Readers == nil || slices.Contains(n.Readers, d.KID))
}

// Free is how many places the desk has left.
func (d Desk) Free() int { return max(0, d.Places-d.Load) }

func channelOf(k Kind) roster.Channel {
	switch k {
	case Message:
		return roster.Message
	case Video:
		return roster.Video
	}
	return roster.Chat
}

// Choose picks who is offered a conversation: prefer first if possible, else the
// least loaded, among those the longest idle. Those in passed have let this
// conversation go by and are not asked again. It reports false when nobody can.
func Choose(desks []Desk, n Need, now time.Time, prefer staff.ID, passed map[staff.ID]bool) (Desk, bool) {
	can := slices.DeleteFunc(slices.Clone(desks), func(d Desk) bool {
		return passed[d.Person] || !d.Suits(n, now) || d.Free() < n.Kind.Weight()
	})
	if len(can) == 0 {
		return Desk{}, false
	}
	best := slices.MinFunc(can, func(a, b Desk) int {
		return cmp.Or(
			cmp.Compare(second(a.Person != prefer), second(b.Person != prefer)),
			cmp.Compare(a.Load, b.Load), a.Idle.Compare(b.Idle),
			cmp.Compare(a.Person.String(), b.Person.String()))
	})
	return best, true
}

// second orders false before true.
func second(b bool) int {
	if b {
		return 1
	}
	return 0
}

// byTurn is the order of the queue: head, then urgent, then arrival.
func byTurn(a, b *Conversation) int {
	return cmp.Or(
		cmp.Compare(second(!a.Head), second(!b.Head)),
		cmp.Compare(second(!a.Urgent), second(!b.Urgent)),
		a.QueuedAt.Compare(b.QueuedAt), bytes.Compare(a.ID.UUID[:], b.ID.UUID[:]))
}
