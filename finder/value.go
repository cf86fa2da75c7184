package finder

import "math"

// Value is what is known of a number or a truth value: it lies in [Lo, Hi].
// Yes is {1, 1}, no {0, 0}, unknown {0, 1}; a choice is the index of its option.
type Value struct {
	Lo, Hi float64
	Asks   setOfBits // questions that could narrow it; 0 when Lo == Hi
	Laws   setOfBits // uncertain points of law that could narrow it; 0 when Lo == Hi
	Weak   bool      // rests on law below certainty A
}

// setOfBits is a set of up to 32 questions or points of law.
type setOfBits uint32

const (
	grain = 1e-6 // comparisons and rounding overlook less
	far   = 1e9  // stands for "no limit"; keeps every product finite
)

var (
	yes = Value{Lo: 1, Hi: 1}
	no  = Value{}
)

func point(x float64) Value { return Value{Lo: x, Hi: x} }

func truth(b bool) Value {
	if b {
		return yes
	}
	return no
}

func (v Value) known() bool { return v.Lo == v.Hi }
func (v Value) isYes() bool { return v.Lo == 1 }
func (v Value) isNo() bool  { return v.Hi == 0 }

// made returns the value {lo, hi} that was computed from another: it has its
// causes unless it is known all the same.
func made(lo, hi float64, from Value) Value {
	from.Lo, from.Hi = lo, hi
	if lo == hi {
		from.Asks, from.Laws = 0, 0
	}
	return from
}

// joined returns the value {lo, hi} that was computed from two others.
func joined(lo, hi float64, a, b Value) Value {
	v := Value{Lo: lo, Hi: hi, Weak: a.Weak || b.Weak}
	if lo != hi {
		v.Asks, v.Laws = a.Asks|b.Asks, a.Laws|b.Laws
	}
	return v
}

func add(a, b Value) Value { return joined(a.Lo+b.Lo, a.Hi+b.Hi, a, b) }
func sub(a, b Value) Value { return joined(a.Lo-b.Hi, a.Hi-b.Lo, a, b) }

func mul(a, b Value) Value {
	w, x, y, z := a.Lo*b.Lo, a.Lo*b.Hi, a.Hi*b.Lo, a.Hi*b.Hi
	return joined(min(w, x, y, z), max(w, x, y, z), a, b)
}

func div(a, b Value) Value { return joined(a.Lo/b.Hi, a.Hi/b.Lo, a, b).ordered() }

// share splits a into b parts, at least one.
func share(a, b Value) Value {
	b.Lo, b.Hi = max(1, b.Lo), max(1, b.Hi)
	w, x, y, z := a.Lo/b.Lo, a.Lo/b.Hi, a.Hi/b.Lo, a.Hi/b.Hi
	return joined(min(w, x, y, z), max(w, x, y, z), a, b)
}

// ordered puts the ends right where a negative number was divided by a range.
func (v Value) ordered() Value {
	if v.Lo > v.Hi {
		v.Lo, v.Hi = v.Hi, v.Lo
	}
	return v
}

// least is min. An operand that lies below the other wholly decides alone; of
// equals one that is sure decides for both only when it is no, since nothing
// lies below.
func least(a, b Value) Value {
	switch {
	case a.Hi < b.Lo || a.Hi == b.Lo && !a.Weak && (a.Hi == 0 || !b.Weak):
		return a
	case b.Hi < a.Lo || b.Hi == a.Lo && !b.Weak && (b.Hi == 0 || !a.Weak):
		return b
	}
	return joined(min(a.Lo, b.Lo), min(a.Hi, b.Hi), a, b)
}

// most is max, decided in the same way, of equals by yes.
func most(a, b Value) Value {
	switch {
	case a.Lo > b.Hi || a.Lo == b.Hi && !a.Weak && (a.Lo == 1 || !b.Weak):
		return a
	case b.Lo > a.Hi || b.Lo == a.Hi && !b.Weak && (b.Lo == 1 || !a.Weak):
		return b
	}
	return joined(max(a.Lo, b.Lo), max(a.Hi, b.Hi), a, b)
}

func not(a Value) Value { a.Lo, a.Hi = 1-a.Hi, 1-a.Lo; return a }

// hull is the least interval that holds both.
func hull(a, b Value) Value { return joined(min(a.Lo, b.Lo), max(a.Hi, b.Hi), a, b) }

// choose is "if": a known test takes its branch, an unknown one the hull.
func choose(test, a, b Value) Value {
	if test.known() {
		v := b
		if test.isYes() {
			v = a
		}
		v.Weak = v.Weak || test.Weak
		return v
	}
	v := hull(a, b)
	return joined(v.Lo, v.Hi, v, test)
}

// Comparisons are known when they hold, or fail, for every pair.
func atMost(a, b Value) Value {
	return compared(a.Hi-b.Lo <= grain, a.Lo-b.Hi > grain, a, b)
}

func below(a, b Value) Value {
	return compared(a.Hi-b.Lo < -grain, a.Lo-b.Hi >= -grain, a, b)
}

func equal(a, b Value) Value {
	same := a.known() && b.known() && math.Abs(a.Lo-b.Lo) <= grain
	return compared(same, a.Lo-b.Hi > grain || b.Lo-a.Hi > grain, a, b)
}

func compared(always, never bool, a, b Value) Value {
	switch {
	case always:
		return Value{Lo: 1, Hi: 1, Weak: a.Weak || b.Weak}
	case never:
		return Value{Weak: a.Weak || b.Weak}
	}
	return joined(0, 1, a, b)
}

// rounding rounds to digits: down, up, or near (half up).
type rounding struct {
	how    string
	factor float64
}

var factors = map[int]float64{-2: 0.01, -1: 0.1, 0: 1, 1: 10, 2: 100, 3: 1000, 4: 10000}

func (r rounding) round(x float64) float64 {
	x *= r.factor
	switch r.how {
	case "down":
		x = math.Floor(x + grain)
	case "up":
		x = math.Ceil(x - grain)
	default:
		half := x + 0.5
		x = math.Floor(half + grain)
	}
	return x / r.factor
}
