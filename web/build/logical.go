package main

import "strings"

// logicalNames turns properties with a physical side into their logical twins,
// which follow the writing direction.
var logicalNames = map[string]string{
	"left":                       "inset-inline-start",
	"right":                      "inset-inline-end",
	"margin-left":                "margin-inline-start",
	"margin-right":               "margin-inline-end",
	"padding-left":               "padding-inline-start",
	"padding-right":              "padding-inline-end",
	"border-left":                "border-inline-start",
	"border-right":               "border-inline-end",
	"border-left-width":          "border-inline-start-width",
	"border-right-width":         "border-inline-end-width",
	"border-left-color":          "border-inline-start-color",
	"border-right-color":         "border-inline-end-color",
	"border-left-style":          "border-inline-start-style",
	"border-right-style":         "border-inline-end-style",
	"border-top-left-radius":     "border-start-start-radius",
	"border-top-right-radius":    "border-start-end-radius",
	"border-bottom-left-radius":  "border-end-start-radius",
	"border-bottom-right-radius": "border-end-end-radius",
}

// logicalValues are the properties whose values name a side.
var logicalValues = map[string]map[string]string{
	"float":      {"left": "inline-start", "right": "inline-end"},
	"clear":      {"left": "inline-start", "right": "inline-end"},
	"text-align": {"left": "start", "right": "end"},
}

// fourSides are shorthands whose second and fourth value are physical sides,
// with their names along the block and the inline axis.
var fourSides = map[string][2]string{
	"margin":       {"margin-block", "margin-inline"},
	"padding":      {"padding-block", "padding-inline"},
	"inset":        {"inset-block", "inset-inline"},
	"border-width": {"border-block-width", "border-inline-width"},
	"border-color": {"border-block-color", "border-inline-color"},
	"border-style": {"border-block-style", "border-inline-style"},
}

// makeLogical rewrites all rules so that they mirror in right-to-left pages. A
// shape drawn by rotating its borders, such as the tick of a checkbox, is not
// mirrored.
func makeLogical(rules []*rule) {
	walk(rules, func(r *rule) {
		if rotated(r) {
			return
		}
		var out []decl
		for _, d := range r.decls {
			out = append(out, logical(d)...)
		}
		r.decls = out
	})
}

// rotated reports whether r draws by rotation.
func rotated(r *rule) bool {
	for _, d := range r.decls {
		if d.name == "transform" && strings.Contains(d.value, "rotate(") {
			return true
		}
	}
	return false
}

// logical returns what d becomes.
func logical(d decl) []decl {
	value, important := strings.CutSuffix(d.value, "!important")
	value = strings.TrimSpace(value)
	suffix := ""
	if important {
		suffix = " !important"
	}
	if name, ok := logicalNames[d.name]; ok {
		return []decl{{name, d.value}}
	}
	if side, ok := logicalValues[d.name][value]; ok {
		return []decl{{d.name, side + suffix}}
	}
	axes, ok := fourSides[d.name]
	if parts := splitFields(value); ok && len(parts) == 4 && parts[1] != parts[3] {
		return []decl{{axes[0], parts[0] + " " + parts[2] + suffix}, {axes[1], parts[3] + " " + parts[1] + suffix}}
	}
	return []decl{d}
}

// splitFields splits a value at spaces outside of parentheses.
func splitFields(value string) []string {
	var fields []string
	for _, part := range splitOutside(value, ' ') {
		if part = strings.TrimSpace(part); part != "" {
			fields = append(fields, part)
		}
	}
	return fields
}
