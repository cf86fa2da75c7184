package main

import (
	"bytes"
	"context"
	"strings"

	"golang.org/x/net/html"

	"lotse/web"
)

// page checks that a page runs nothing but the scripts that are built in.
func (v *verifier) page(ctx context.Context, path string) {
	body, h, ok := v.get(ctx, path)
	if !ok {
		return
	}
	if got := h.Values("Content-Security-Policy"); len(got) != 1 || got[0] != web.ContentPolicy() {
		v.differ(path, "has another content security policy")
	}
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		v.differ(path, "%v", err)
		return
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			v.element(path, n)
		}
	}
}

// element checks one element of a page.
func (v *verifier) element(path string, n *html.Node) {
	attrs := map[string]string{}
	for _, a := range n.Attr {
		attrs[a.Key] = a.Val
		if strings.HasPrefix(a.Key, "on") {
			v.differ(path, "<%s> has the script attribute %s", n.Data, a.Key)
		}
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
			v.differ(path, "<%s> has a script as %s", n.Data, a.Key)
		}
	}
	switch n.Data {
	case "script":
		v.script(path, attrs)
	case "link":
		if _, known := v.want[attrs["href"]]; !known && attrs["rel"] != "alternate" { // that one loads nothing
			v.differ(path, "loads %q as %s", attrs["href"], attrs["rel"])
		}
	case "base", "iframe", "frame", "object", "embed", "applet", "portal":
		v.differ(path, "holds <%s>", n.Data)
	}
}

// script checks that a script is a file that is built in, with its digest, or
// data that no browser runs.
func (v *verifier) script(path string, attrs map[string]string) {
	src, outside := attrs["src"]
	if !outside {
		if attrs["type"] != "application/json" {
			v.differ(path, "holds a script of its own")
		}
		return
	}
	if want, known := v.want[src]; !known {
		v.differ(path, "runs %q", src)
	} else if attrs["integrity"] != want {
		v.differ(path, "runs %s without its digest", src)
	}
}
