package main

import (
	"fmt"
	"strings"
)

// rule is a style rule, or an at-rule with a block. A style rule holds
// declarations, an at-rule such as @media holds rules.
type rule struct {
	prelude string
	decls   []decl
	rules   []*rule
}

// decl is one declaration.
type decl struct{ name, value string }

// parseCSS reads a style sheet. Statements without a block (@charset) and
// comments are dropped.
func parseCSS(source string) ([]*rule, error) {
	p := &cssParser{rest: stripComments(source)}
	top := &rule{}
	if err := p.block(top, true); err != nil {
		return nil, err
	}
	return top.rules, nil
}

// cssParser walks through a sheet.
type cssParser struct{ rest string }

// block reads the content of r up to its closing brace, or to the end.
func (p *cssParser) block(r *rule, top bool) error {
	for {
		text, end, ok := p.until()
		text = strings.TrimSpace(text)
		switch {
		case end == '{':
			inner := &rule{prelude: text}
			if err := p.block(inner, false); err != nil {
				return err
			}
			r.rules = append(r.rules, inner)
		case text != "" && !strings.HasPrefix(text, "@"):
			name, value, found := strings.Cut(text, ":")
			if !found {
				return fmt.Errorf("no declaration: %.60q", text)
			}
			r.decls = append(r.decls, decl{strings.TrimSpace(name), strings.TrimSpace(value)})
		}
		if end == '}' || !ok {
			if top == ok {
				return fmt.Errorf("braces do not match near %.60q", text)
			}
			return nil
		}
	}
}

// until returns the text before the next ; { or } outside of strings and
// parentheses, and that character. ok is false at the end of the sheet.
func (p *cssParser) until() (text string, end byte, ok bool) {
	var quote byte
	depth := 0
	for i := 0; i < len(p.rest); i++ {
		c := p.rest[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case depth == 0 && (c == ';' || c == '{' || c == '}'):
			text, p.rest = p.rest[:i], p.rest[i+1:]
			return text, c, true
		}
	}
	text, p.rest = p.rest, ""
	return text, 0, false
}

// stripComments removes /* … */. KERN has no comment sign inside a string.
func stripComments(s string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(s, "/*")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		_, s, _ = strings.Cut(after, "*/")
	}
}

// printCSS writes rules back, one line each.
func printCSS(rules []*rule) string {
	var out strings.Builder
	for _, r := range rules {
		r.print(&out)
	}
	return out.String()
}

// print writes one rule.
func (r *rule) print(out *strings.Builder) {
	out.WriteString(r.prelude + "{")
	for _, d := range r.decls {
		out.WriteString(d.name + ":" + d.value + ";")
	}
	for _, inner := range r.rules {
		inner.print(out)
	}
	out.WriteString("}\n")
}

// walk calls f for r and all rules inside it.
func walk(rules []*rule, f func(*rule)) {
	for _, r := range rules {
		f(r)
		walk(r.rules, f)
	}
}

// splitOutside splits s at sep outside of parentheses and strings.
func splitOutside(s string, sep byte) []string {
	var parts []string
	var quote byte
	depth, start := 0, 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case depth == 0 && c == sep:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}
