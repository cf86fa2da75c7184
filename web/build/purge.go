package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// words are the names that the sources of one world mention.
type words struct {
	exact    map[string]bool
	prefixes []string // "kern-alert--" from "kern-alert--" + tone
}

var (
	wordPattern     = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_-]*`)
	classPattern    = regexp.MustCompile(`\.(-?[A-Za-z_][A-Za-z0-9_-]*)`)
	themePattern    = regexp.MustCompile(`\[(data-[a-z-]+)`)
	variablePattern = regexp.MustCompile(`var\(\s*(--[A-Za-z0-9_-]+)`)
	negationPattern = regexp.MustCompile(`:(?:not|has)\((?:[^()]|\([^()]*\))*\)`)
)

// readWords collects the words of all sources.
func readWords(sources [][]byte) words {
	w := words{exact: map[string]bool{}}
	for _, source := range sources {
		for _, word := range wordPattern.FindAllString(string(source), -1) {
			w.exact[word] = true
			if strings.HasSuffix(word, "-") && strings.HasPrefix(word, "kern-") {
				w.prefixes = append(w.prefixes, word)
			}
		}
	}
	slices.Sort(w.prefixes)
	w.prefixes = slices.Compact(w.prefixes)
	return w
}

// has reports whether a class may occur. An icon has to be named in full or by
// the last part alone, since there are many and each is a file.
func (w words) has(class string) bool {
	if w.exact[class] {
		return true
	}
	if icon, ok := strings.CutPrefix(class, "kern-icon--"); ok {
		return w.exact[icon]
	}
	return slices.ContainsFunc(w.prefixes, func(p string) bool { return strings.HasPrefix(class, p) })
}

// purge drops the selectors that can match nothing, then the rules, custom
// properties and animations that neither the rest nor own uses.
func purge(rules []*rule, w words, own []*rule) []*rule {
	rules = purgeSelectors(rules, w)
	outside := usedVariables(own)
	for {
		used := usedVariables(rules)
		maps.Copy(used, outside)
		if !dropVariables(rules, used) {
			return dropEmpty(rules, usedAnimations(append(slices.Clone(rules), own...)))
		}
	}
}

// dropVariables removes the custom properties that are not used and reports
// whether there were any.
func dropVariables(rules []*rule, used map[string]bool) bool {
	dropped := false
	walk(rules, func(r *rule) {
		before := len(r.decls)
		r.decls = slices.DeleteFunc(r.decls, func(d decl) bool {
			return strings.HasPrefix(d.name, "--") && !used[d.name]
		})
		dropped = dropped || len(r.decls) < before
	})
	return dropped
}

// purgeSelectors keeps the selectors of each rule whose classes all occur.
func purgeSelectors(rules []*rule, w words) []*rule {
	for _, r := range rules {
		if strings.HasPrefix(r.prelude, "@") {
			if !strings.HasPrefix(r.prelude, "@keyframes") {
				r.rules = purgeSelectors(r.rules, w)
			}
			continue
		}
		var kept []string
		for _, selector := range splitOutside(r.prelude, ',') {
			if selectorUsed(selector, w) {
				kept = append(kept, strings.TrimSpace(selector))
			}
		}
		r.prelude = strings.Join(kept, ",")
	}
	return slices.DeleteFunc(rules, func(r *rule) bool { return r.prelude == "" })
}

// selectorUsed reports whether every class and data attribute that selector
// asks for occurs; inside :is() one is enough and :not() asks for none.
func selectorUsed(selector string, w words) bool {
	selector = negationPattern.ReplaceAllString(selector, "")
	if before, list, ok := strings.Cut(selector, ":is("); ok {
		list, after, _ := strings.Cut(list, ")")
		for _, choice := range splitOutside(list, ',') {
			if selectorUsed(before+choice+after, w) {
				return true
			}
		}
		return false
	}
	for _, m := range classPattern.FindAllStringSubmatch(selector, -1) {
		if !w.has(m[1]) {
			return false
		}
	}
	for _, m := range themePattern.FindAllStringSubmatch(selector, -1) {
		if !w.exact[m[1]] {
			return false
		}
	}
	return true
}

// usedVariables returns the custom properties that some value refers to.
func usedVariables(rules []*rule) map[string]bool {
	used := map[string]bool{}
	walk(rules, func(r *rule) {
		for _, d := range r.decls {
			for _, m := range variablePattern.FindAllStringSubmatch(d.value, -1) {
				used[m[1]] = true
			}
		}
	})
	return used
}

// usedAnimations returns the words of all animation declarations.
func usedAnimations(rules []*rule) map[string]bool {
	used := map[string]bool{}
	walk(rules, func(r *rule) {
		for _, d := range r.decls {
			if strings.HasPrefix(d.name, "animation") {
				for word := range strings.FieldsSeq(d.value) {
					used[word] = true
				}
			}
		}
	})
	return used
}

// dropEmpty removes rules without content and animations without use.
func dropEmpty(rules []*rule, animations map[string]bool) []*rule {
	return slices.DeleteFunc(rules, func(r *rule) bool {
		if name, ok := strings.CutPrefix(r.prelude, "@keyframes "); ok {
			return !animations[strings.TrimSpace(name)]
		}
		r.rules = dropEmpty(r.rules, animations)
		return len(r.decls) == 0 && len(r.rules) == 0
	})
}
