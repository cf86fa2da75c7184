package web

import (
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template/parse"
)

//go:embed template
var templateFS embed.FS

// pages holds the templates of all pages. What pages share stands in it once;
// what calls a part that a page defines anew, such as the layout, once per page.
// Each voice has a copy of all, made when somebody first reads it.
type pages struct {
	texts  *texts
	assets *assets
	base   *template.Template // is never executed, or it could not be copied

	mu     sync.Mutex
	voices map[voice]*template.Template
}

// loadPages parses template/*.html and reports what is broken. Files whose
// names begin with layout or part_ are shared; every other file is a page and
// defines "content".
func loadPages(files fs.FS, t *texts, a *assets) (*pages, error) {
	names, err := fs.Glob(files, "template/*.html")
	if err != nil {
		return nil, err
	}
	shared := slices.DeleteFunc(slices.Clone(names), isPage)
	p := &pages{texts: t, assets: a, voices: map[voice]*template.Template{}}
	if p.base, err = p.parse(files, shared...); err != nil {
		return nil, err
	}
	common := trees(p.base)
	for _, name := range slices.DeleteFunc(names, func(name string) bool { return !isPage(name) }) {
		own, err := p.parse(files, name)
		if err != nil {
			return nil, err
		}
		if err := p.add(strings.TrimSuffix(path.Base(name), ".html"), trees(own), common); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// isPage reports whether a file is a page and not what pages share.
func isPage(file string) bool {
	base := path.Base(file)
	return !strings.HasPrefix(base, "layout") && !strings.HasPrefix(base, "part_")
}

func (p *pages) parse(files fs.FS, names ...string) (*template.Template, error) {
	return template.New("").Funcs(funcs(voice{lang: German}, p.texts, p.assets)).ParseFS(files, names...)
}

// trees are the templates that t's files define.
func trees(t *template.Template) map[string]*parse.Tree {
	all := map[string]*parse.Tree{}
	for _, one := range t.Templates() {
		if one.Tree != nil && !strings.HasSuffix(one.Name(), ".html") {
			all[one.Name()] = one.Tree
		}
	}
	return all
}

// add adds a page: its own templates and those of the shared ones that lead to
// one of them, as page/name. The rest is called by its plain name.
func (p *pages) add(page string, own, shared map[string]*parse.Tree) error {
	mine := leadingTo(own, shared)
	for name, tree := range mine {
		tree = tree.Copy()
		calls(tree.Root, func(call *parse.TemplateNode) {
			if mine[call.Name] != nil {
				call.Name = page + "/" + call.Name
			}
		})
		if _, err := p.base.AddParseTree(page+"/"+name, tree); err != nil {
			return err
		}
	}
	return nil
}

// leadingTo returns own and the shared templates that call one of the result.
func leadingTo(own, shared map[string]*parse.Tree) map[string]*parse.Tree {
	mine := maps.Clone(own)
	for grown := true; grown; {
		grown = false
		for name, tree := range shared {
			if mine[name] != nil {
				continue
			}
			calls(tree.Root, func(call *parse.TemplateNode) {
				if mine[call.Name] != nil {
					mine[name], grown = tree, true
				}
			})
		}
	}
	return mine
}

// calls visits every call of a template below a node.
func calls(n parse.Node, visit func(*parse.TemplateNode)) {
	switch n := n.(type) {
	case *parse.TemplateNode:
		visit(n)
	case *parse.ListNode:
		if n != nil {
			for _, child := range n.Nodes {
				calls(child, visit)
			}
		}
	case *parse.IfNode:
		calls(n.List, visit)
		calls(n.ElseList, visit)
	case *parse.RangeNode:
		calls(n.List, visit)
		calls(n.ElseList, visit)
	case *parse.WithNode:
		calls(n.List, visit)
		calls(n.ElseList, visit)
	}
}

// get returns a page in a layout and a voice, or an error when there is no such
// page.
func (p *pages) get(v voice, layout, name string) (*template.Template, error) {
	all, err := p.in(v)
	if err != nil {
		return nil, err
	}
	if page := all.Lookup(name + "/" + layout); page != nil {
		return page, nil
	}
	return nil, fmt.Errorf("page %q has no template", name)
}

// in returns the templates that speak in a voice.
func (p *pages) in(v voice) (*template.Template, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if all, ok := p.voices[v]; ok {
		return all, nil
	}
	all, err := p.base.Clone()
	if err != nil {
		return nil, err
	}
	p.voices[v] = all.Funcs(funcs(v, p.texts, p.assets))
	return p.voices[v], nil
}
