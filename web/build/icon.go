package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

var (
	dataPattern = regexp.MustCompile(`url\("data:image/svg\+xml,([^"]*)"\)`)
	emptySize   = regexp.MustCompile(` (?:height|width)=''`)
	lastClass   = regexp.MustCompile(`kern-([a-z-]+)[^.]*$`)
)

// extractIcons moves the icons that KERN carries as data URIs into files, for
// the content security policy allows pictures from this server only.
func extractIcons(rules []*rule, out *output) error {
	urls := map[string]string{} // data → file
	var failed error
	walk(rules, func(r *rule) {
		for i, d := range r.decls {
			r.decls[i].value = dataPattern.ReplaceAllStringFunc(d.value, func(match string) string {
				file, err := iconFile(r.prelude, dataPattern.FindStringSubmatch(match)[1], urls, out)
				if err != nil {
					failed = err
				}
				return "url(" + file + ")"
			})
		}
	})
	return failed
}

// iconFile returns the file for one data URI, named after the class that shows
// it first.
func iconFile(selector, data string, urls map[string]string, out *output) (string, error) {
	if file, ok := urls[data]; ok {
		return file, nil
	}
	svg, err := url.PathUnescape(data)
	if err != nil {
		return "", fmt.Errorf("icon of %s: %w", selector, err)
	}
	svg = emptySize.ReplaceAllString(svg, "")
	name := "icon"
	if m := lastClass.FindStringSubmatch(selector); m != nil {
		name = strings.Trim(strings.ReplaceAll(m[1], "--", "-"), "-")
	}
	for base, n := name, 2; out.manifest[name+".svg"] != "" && string(out.files[out.manifest[name+".svg"]]) != svg; n++ {
		name = fmt.Sprintf("%s-%d", base, n)
	}
	urls[data] = out.add(name+".svg", []byte(svg))
	return urls[data], nil
}
