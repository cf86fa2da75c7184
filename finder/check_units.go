package finder

import (
	"fmt"
	"slices"
)

// anyUnit is the unit of constants; number that of nodes whose unit nobody
// would name. Both fit everything.
const (
	anyUnit  = ""
	noMatter = "number"
)

// unitChecker infers units and collects what does not fit.
type unitChecker struct {
	rules    *Rules
	where    string
	findings []Finding
}

// checkUnits infers the unit of every expression and compares it with what is
// declared.
func (r *Rules) checkUnits(string) []Finding {
	u := unitChecker{rules: r}
	r.expressions(func(where, want string, expr any) {
		u.where = where
		if got := u.infer(expr); !fits(got, want) {
			u.fail("is %s, declared as %s", got, want)
		}
	})
	return u.findings
}

func (u *unitChecker) fail(format string, args ...any) {
	u.findings = append(u.findings, Finding{BadUnit, u.where, fmt.Sprintf(format, args...)})
}

func free(unit string) bool { return unit == anyUnit || unit == noMatter }
func fits(a, b string) bool { return a == b || free(a) || free(b) }

func (u *unitChecker) infer(expr any) string {
	switch e := expr.(type) {
	case bool:
		return "bool"
	case string:
		return u.named(e)
	case map[string]any:
		for op, raw := range e {
			args, isList := raw.([]any)
			if !isList {
				args = []any{raw}
			}
			return u.applied(op, args)
		}
	}
	return anyUnit
}

func (u *unitChecker) named(id string) string {
	switch s := u.rules.symbols[id]; s.kind {
	case isFact:
		f := &u.rules.facts[s.index]
		if f.Kind == "number" {
			return f.Unit
		}
		return f.Kind
	case isParam:
		return u.rules.params[s.index].Unit
	case isNode:
		return u.rules.nodes[s.index].Unit
	}
	return anyUnit
}

// applied is the unit of an operator's result.
func (u *unitChecker) applied(op string, args []any) string {
	switch op {
	case "+", "-", "min", "max":
		return u.same(args)
	case "*":
		return u.product(args)
	case "/":
		return u.quotient(args)
	case "share":
		return u.shared(args)
	case "round":
		return u.infer(args[2])
	case "at", "band":
		return u.named(args[0].(string))
	case "steps":
		if unit := u.named(args[0].(string)); unit != "share" {
			return unit
		}
		return u.infer(args[1])
	case "if":
		u.must("bool", args[:1])
		return u.same(args[1:])
	case "all", "any", "not":
		u.must("bool", args)
	case "some", "every":
		u.must("bool", args[1:])
	case "<", "<=", ">", ">=", "=":
		u.same(args)
	case "sum":
		u.must("bool", args[2:])
		return u.infer(args[1])
	case "count":
		u.must("bool", args[1:])
		return "persons"
	case "of":
		return u.same(args[1:])
	}
	return "bool"
}

func (u *unitChecker) must(want string, args []any) {
	for _, arg := range args {
		if got := u.infer(arg); !fits(got, want) {
			u.fail("%v is %s where %s is wanted", arg, got, want)
		}
	}
}

// same is the one unit of all operands.
func (u *unitChecker) same(args []any) string {
	unit := anyUnit
	for _, arg := range args {
		got := u.infer(arg)
		if !fits(got, unit) {
			u.fail("%v is %s beside %s", arg, got, unit)
		}
		if free(unit) {
			unit = got
		}
	}
	return unit
}

// products are the products of two units that are neither a share nor a count.
var products = map[[2]string]string{
	{"EUR/m2", "m2"}:                 "EUR/month",
	{"EUR/month", "months"}:          "EUR",
	{"per EUR", "EUR/month"}:         "share",
	{"persons", "share"}:             "share",
	{"share", "persons"}:             "share",
	{"years", "EUR per year of age"}: "EUR",
}

// product multiplies from left to right; times twelve makes months years.
func (u *unitChecker) product(args []any) string {
	unit := anyUnit
	for _, arg := range args {
		got := u.infer(arg)
		twelve := arg == 12.0
		switch p, known := products[[2]string{unit, got}]; {
		case twelve && unit == "EUR/month", got == "EUR/month" && slices.Contains(args, any(12.0)) && free(unit):
			unit = "EUR/year"
		case known:
			unit = p
		case free(unit), unit == "share", unit == "persons" && !free(got):
			unit = got
		case free(got), got == "share", got == "persons":
		default:
			u.fail("%s times %s", unit, got)
		}
	}
	return unit
}

func (u *unitChecker) quotient(args []any) string {
	unit := u.infer(args[0])
	if args[1] == 12.0 && unit == "EUR/year" {
		return "EUR/month"
	}
	switch got := u.infer(args[1]); {
	case got == unit && !free(got):
		return "share"
	case unit == "EUR" && got == "months":
		return "EUR/month"
	}
	return unit
}

func (u *unitChecker) shared(args []any) string {
	a, n := u.infer(args[0]), u.infer(args[1])
	switch {
	case a == n && !free(a):
		return "share"
	case a == "EUR/month" && n == "m2":
		return "EUR/m2"
	case n != "persons" && !free(n):
		u.fail("%s shared by %s", a, n)
	}
	return a
}
