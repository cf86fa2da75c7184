package web

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// document is a parsed page with what the facts below ask for.
type document struct {
	nodes []*html.Node
	ids   map[string]int
	wrong []string
}

// pageFacts returns everything that is wrong with a page by rules that hold for
// every page: of WCAG, of the content security policy and of this house.
func pageFacts(page io.Reader, lang Lang) []string {
	d, err := readPage(page)
	if err != nil {
		return []string{err.Error()}
	}
	d.frame(lang)
	d.headings()
	d.references()
	d.names()
	d.noInline()
	return d.wrong
}

// readPage parses a page as a browser does.
func readPage(page io.Reader) (*document, error) {
	root, err := html.Parse(page)
	if err != nil {
		return nil, err
	}
	d := &document{ids: map[string]int{}}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			d.nodes = append(d.nodes, n)
			if id := attr(n, "id"); id != "" {
				d.ids[id]++
			}
		}
	}
	return d, nil
}

// fail notes a fact that does not hold.
func (d *document) fail(format string, args ...any) {
	d.wrong = append(d.wrong, fmt.Sprintf(format, args...))
}

// all returns the elements of the given names.
func (d *document) all(names ...string) []*html.Node {
	return slices.DeleteFunc(slices.Clone(d.nodes), func(n *html.Node) bool { return !slices.Contains(names, n.Data) })
}

// frame checks language, title and landmarks.
func (d *document) frame(lang Lang) {
	root := d.all("html")[0]
	if attr(root, "lang") != string(lang) || attr(root, "dir") != lang.Dir() {
		d.fail("html has lang %q dir %q", attr(root, "lang"), attr(root, "dir"))
	}
	for _, name := range []string{"title", "main", "header", "footer", "h1"} {
		if n := len(d.all(name)); name == "header" && n < 1 || name != "header" && name != "footer" && n != 1 || n < 1 {
			d.fail("%d × <%s>", n, name)
		}
	}
	if titles := d.all("title"); len(titles) == 1 && strings.TrimSpace(text(titles[0])) == "" {
		d.fail("the title is empty")
	}
	if !strings.Contains(attr(d.all("a")[0], "class"), "skip") {
		d.fail("the first link does not skip to the content")
	}
	for _, nav := range d.all("nav", "aside") {
		if attr(nav, "aria-label")+attr(nav, "aria-labelledby") == "" {
			d.fail("<%s> has no name", nav.Data)
		}
	}
}

// headings checks that no level is left out.
func (d *document) headings() {
	level := 0
	for _, h := range d.all("h1", "h2", "h3", "h4", "h5", "h6") {
		n, _ := strconv.Atoi(h.Data[1:])
		if n > level+1 && level > 0 {
			d.fail("<%s> %q follows <h%d>", h.Data, text(h), level)
		}
		if strings.TrimSpace(text(h)) == "" && attr(h, "aria-live")+attr(h, "hidden") == "" && !inHidden(h) {
			d.fail("<%s> is empty", h.Data)
		}
		level = n
	}
}

// references checks that ids are unique and that what is referred to exists.
func (d *document) references() {
	for id, n := range d.ids {
		if n > 1 {
			d.fail("id %q stands %d times", id, n)
		}
	}
	for _, n := range d.nodes {
		for _, name := range []string{"aria-labelledby", "aria-describedby", "aria-controls", "for", "list"} {
			for id := range strings.FieldsSeq(attr(n, name)) {
				if d.ids[id] == 0 {
					d.fail("<%s %s> refers to %q, which is not there", n.Data, name, id)
				}
			}
		}
		if target, ok := strings.CutPrefix(attr(n, "href"), "#"); ok && d.ids[target] == 0 {
			d.fail("link to #%s leads nowhere", target)
		}
	}
}

// names checks that everything one can operate has a name.
func (d *document) names() {
	labelled := map[string]bool{}
	for _, label := range d.all("label") {
		labelled[attr(label, "for")] = strings.TrimSpace(text(label)) != ""
	}
	for _, field := range d.all("input", "select", "textarea") {
		kind := attr(field, "type")
		if kind == "hidden" || kind == "submit" {
			continue
		}
		if !labelled[attr(field, "id")] && attr(field, "aria-label")+attr(field, "aria-labelledby") == "" && !inside(field, "label") {
			d.fail("<%s name=%q> has no label", field.Data, attr(field, "name"))
		}
	}
	for _, n := range d.all("a", "button", "summary") {
		if strings.TrimSpace(text(n))+attr(n, "aria-label")+attr(n, "aria-labelledby") == "" && !inHidden(n) {
			d.fail("<%s href=%q class=%q> has no name", n.Data, attr(n, "href"), attr(n, "class"))
		}
	}
	for _, n := range d.all("img") {
		if !has(n, "alt") {
			d.fail("<img src=%q> has no alt", attr(n, "src"))
		}
	}
	for _, n := range d.nodes {
		if i, err := strconv.Atoi(attr(n, "tabindex")); err == nil && i > 0 {
			d.fail("<%s> has tabindex %d", n.Data, i)
		}
	}
}

// noInline checks what the content security policy would refuse, and that
// nothing is loaded from elsewhere.
func (d *document) noInline() {
	for _, n := range d.nodes {
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				d.fail("<%s> has %s", n.Data, a.Key)
			}
			if (a.Key == "src" || a.Key == "action" || n.Data == "link" && a.Key == "href") && !strings.HasPrefix(a.Val, "/") {
				d.fail("<%s %s=%q> is not of this server", n.Data, a.Key, a.Val)
			}
		}
		if n.Data == "style" || n.Data == "base" || n.Data == "iframe" || n.Data == "object" {
			d.fail("<%s> does not fit the policy", n.Data)
		}
		if n.Data == "script" && attr(n, "src") == "" && !slices.Contains([]string{"application/json", "application/ld+json"}, attr(n, "type")) {
			d.fail("a script stands in the page")
		}
		if n.Data == "script" && attr(n, "src") != "" && attr(n, "integrity") == "" {
			d.fail("%s has no integrity", attr(n, "src"))
		}
	}
}

// attr returns the value of an attribute, or "".
func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// has reports whether n has the attribute.
func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// inside reports whether n stands in an element of the given name.
func inside(n *html.Node, name string) bool {
	for p := range n.Ancestors() {
		if p.Data == name {
			return true
		}
	}
	return false
}

// inHidden reports whether n or something around it is hidden for now.
func inHidden(n *html.Node) bool {
	if has(n, "hidden") || n.Data == "dialog" {
		return true
	}
	for p := range n.Ancestors() {
		if has(p, "hidden") || p.Data == "dialog" || p.Data == "template" {
			return true
		}
	}
	return false
}

// text returns the text in n.
func text(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}
