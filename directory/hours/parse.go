package hours

import (
	"strings"
	"unicode"
)

// Parse reads opening hours in the OpenStreetMap syntax. It forgives case,
// spaces, single-digit hours, long dashes, empty rules and the word "Uhr". The
// error is an *Error.
func Parse(s string) (Hours, error) {
	if len(s) > maxText {
		return nil, problem(s[:0], 0, TooLong)
	}
	tokens, err := lex(s)
	if err != nil {
		return nil, err
	}
	p := &parser{text: s, tokens: tokens}
	h := p.hours()
	if p.err != nil {
		return nil, p.err
	}
	if len(h) == 0 {
		return nil, problem(s, len(s), Empty)
	}
	return h, nil
}

// parser walks over the tokens of a text. It keeps the first error; after it
// everything reads as the end.
type parser struct {
	text   string
	tokens []token
	err    *Error
}

func (p *parser) peek(n int) token {
	return p.tokens[min(n, len(p.tokens)-1)]
}

func (p *parser) next() token {
	t := p.tokens[0]
	if t.kind != end {
		p.tokens = p.tokens[1:]
	}
	return t
}

// accept takes the next token if it is one of texts.
func (p *parser) accept(texts ...string) bool {
	if p.peek(0).is(texts...) {
		p.next()
		return true
	}
	return false
}

// fail records a problem at a token and jumps to the end.
func (p *parser) fail(at token, what Problem) {
	if p.err == nil {
		p.err = problem(p.text, at.at, what)
	}
	p.tokens = p.tokens[len(p.tokens)-1:]
}

// number takes a number from low to high.
func (p *parser) number(low, high int, what Problem) int {
	t := p.next()
	if t.kind != number || t.value < low || t.value > high {
		p.fail(t, what)
	}
	return t.value
}

func (p *parser) hours() Hours {
	var h Hours
	join := Replace
	for p.peek(0).kind != end {
		if join == Replace && p.accept(";") { // an empty rule
			continue
		}
		rule, complete := p.rule()
		rule.Join = join
		h = append(h, rule)
		if p.peek(0).is(",") && !complete {
			p.fail(p.peek(0), Unexpected) // "PH,Dec 24 off" would open on holidays
		}
		if p.peek(0).kind != end {
			join = p.join()
		}
	}
	return h
}

func (p *parser) join() Join {
	t := p.next()
	switch {
	case t.is(";"):
		return Replace
	case p.peek(0).kind == end && t.is(",", "||"):
		p.fail(p.peek(0), Unexpected)
	case t.is(","):
		return Add
	case t.is("||"):
		return Fallback
	default:
		p.fail(t, p.whatIsWrong(t))
	}
	return Replace
}

// whatIsWrong finds the most helpful problem for a token that fits nowhere.
func (p *parser) whatIsWrong(t token) Problem {
	switch {
	case t.is("+", "(", "sunrise", "sunset", "dawn", "dusk", "easter"):
		return Unsupported
	case t.kind == number:
		return BadTime
	case t.kind == word:
		return BadWeekday
	}
	return Unexpected
}

// rule reads one rule up to its separator. It is complete if it names times or a
// state: only then can a comma begin the next one.
func (p *parser) rule() (r Rule, complete bool) {
	r.State = Open
	start := p.peek(0)
	always := p.always()
	if !always {
		p.wide(&r)
		p.days(&r)
		p.times(&r)
	}
	modified := p.modifier(&r)
	if p.peek(0).at == start.at && !always && !modified {
		p.fail(start, p.whatIsWrong(start))
	}
	return r, always || modified || len(r.Times) > 0
}

// always takes "24/7", which selects everything.
func (p *parser) always() bool {
	if p.peek(0).value == 24 && p.peek(1).is("/") && p.peek(2).is("7") {
		p.tokens = p.tokens[3:]
		return true
	}
	return false
}

// wide reads the selectors of years, dates and weeks.
func (p *parser) wide(r *Rule) {
	p.years(r)
	p.dates(r)
	p.weeks(r)
	if len(r.Years)+len(r.Dates)+len(r.Weeks) > 0 {
		p.accept(":") // "separator for readability"
	}
}

// list reads parts that commas separate, as long as the token after the comma
// can begin one; any other comma separates rules.
func list[T any](p *parser, begins func(n int) bool, part func() T) []T {
	parts := []T{part()}
	for p.peek(0).is(",") && begins(1) {
		p.next()
		parts = append(parts, part())
	}
	return parts
}

// isClock reports whether a time of day begins at the nth token.
func (p *parser) isClock(n int) bool {
	return p.peek(n).kind == number && p.peek(n+1).is(":")
}

// isNumber reports whether the nth token is a number and not a time of day.
func (p *parser) isNumber(n int) bool {
	return p.peek(n).kind == number && !p.isClock(n)
}

// modifier reads the state and the comment. A comment alone means: by
// arrangement.
func (p *parser) modifier(r *Rule) bool {
	states := map[string]State{"open": Open, "closed": Closed, "off": Closed, "unknown": ByArrangement}
	state, found := states[p.peek(0).text]
	found = found && p.peek(0).kind == word
	if found {
		r.State = state
		p.next()
	}
	if p.peek(0).kind != comment {
		return found
	}
	if !found {
		r.State = ByArrangement
	}
	r.Comment = plain(p.next().text)
	return true
}

// plain is a comment on one line, with nothing in it that ends a comment.
func plain(s string) string {
	s = strings.ReplaceAll(s, `"`, "”")
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
