/**
 * What is known of a number or a truth value: it lies in [lo, hi]. The same
 * arithmetic as finder/value.go, in the same order, so that both give the same
 * result to the last bit (docs/finder.md, Values).
 */
export interface Value {
  lo: number;
  hi: number;
  asks: number; // questions that could narrow it, as bits
  laws: bigint; // uncertain points of law that could narrow it, as bits; there are more than 32
  weak: boolean; // rests on law below certainty A
}

export const GRAIN = 1e-6;
export const FAR = 1e9;

export const of = (lo: number, hi: number, asks = 0, laws = 0n, weak = false): Value => ({ lo, hi, asks, laws, weak });
export const point = (x: number): Value => of(x, x);

export const YES = Object.freeze(point(1));
export const NO = Object.freeze(point(0));
export const truth = (b: boolean): Value => (b ? YES : NO);

export const known = (v: Value): boolean => v.lo === v.hi;
export const isYes = (v: Value): boolean => v.lo === 1;
export const isNo = (v: Value): boolean => v.hi === 0;

/** Whether v is plainly x: no cause is left and no weak law. */
export const plainly = (v: Value, x: Value): boolean => v.lo === x.lo && v.hi === x.hi && !v.asks && !v.laws && !v.weak;

/** The value {lo, hi} computed from others: their causes stay unless it is known all the same. */
export function made(lo: number, hi: number, ...from: Value[]): Value {
  const v = of(lo, hi);
  for (const f of from) {
    v.asks |= f.asks;
    if (f.laws) v.laws |= f.laws;
    v.weak ||= f.weak;
  }
  if (lo === hi) {
    v.asks = 0;
    v.laws = 0n;
  }
  return v;
}

export const add = (a: Value, b: Value): Value => made(a.lo + b.lo, a.hi + b.hi, a, b);
export const sub = (a: Value, b: Value): Value => made(a.lo - b.hi, a.hi - b.lo, a, b);

const spread = (ends: number[], a: Value, b: Value): Value => made(Math.min(...ends), Math.max(...ends), a, b);
export const mul = (a: Value, b: Value): Value => spread([a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi], a, b);

export function div(a: Value, b: Value): Value {
  const v = made(a.lo / b.hi, a.hi / b.lo, a, b);
  return v.lo > v.hi ? { ...v, lo: v.hi, hi: v.lo } : v;
}

/** Splits a into b parts, at least one. */
export function share(a: Value, b: Value): Value {
  const lo = Math.max(1, b.lo), hi = Math.max(1, b.hi);
  return spread([a.lo / lo, a.lo / hi, a.hi / lo, a.hi / hi], a, b);
}

/** min; an operand that lies below the other wholly decides alone, of equals a sure one that is no. */
export function least(a: Value, b: Value): Value {
  if (a.hi < b.lo || (a.hi === b.lo && !a.weak && (a.hi === 0 || !b.weak))) return a;
  if (b.hi < a.lo || (b.hi === a.lo && !b.weak && (b.hi === 0 || !a.weak))) return b;
  return made(Math.min(a.lo, b.lo), Math.min(a.hi, b.hi), a, b);
}

/** max, decided in the same way, of equals by yes. */
export function most(a: Value, b: Value): Value {
  if (a.lo > b.hi || (a.lo === b.hi && !a.weak && (a.lo === 1 || !b.weak))) return a;
  if (b.lo > a.hi || (b.lo === a.hi && !b.weak && (b.lo === 1 || !a.weak))) return b;
  return made(Math.max(a.lo, b.lo), Math.max(a.hi, b.hi), a, b);
}

export const not = (a: Value): Value => ({ ...a, lo: 1 - a.hi, hi: 1 - a.lo });

const hull = (a: Value, b: Value): Value => made(Math.min(a.lo, b.lo), Math.max(a.hi, b.hi), a, b);

/** "if": a known test takes its branch, an unknown one the hull of both. */
export function choose(test: Value, a: Value, b: Value): Value {
  if (known(test)) {
    const v = isYes(test) ? a : b;
    return test.weak && !v.weak ? { ...v, weak: true } : v;
  }
  const v = hull(a, b);
  return made(v.lo, v.hi, v, test);
}

function compared(always: boolean, never: boolean, a: Value, b: Value): Value {
  if (always) return of(1, 1, 0, 0n, a.weak || b.weak);
  if (never) return of(0, 0, 0, 0n, a.weak || b.weak);
  return made(0, 1, a, b);
}

export const atMost = (a: Value, b: Value): Value => compared(a.hi - b.lo <= GRAIN, a.lo - b.hi > GRAIN, a, b);
export const below = (a: Value, b: Value): Value => compared(a.hi - b.lo < -GRAIN, a.lo - b.hi >= -GRAIN, a, b);

export function equal(a: Value, b: Value): Value {
  const same = known(a) && known(b) && Math.abs(a.lo - b.lo) <= GRAIN;
  return compared(same, a.lo - b.hi > GRAIN || b.lo - a.hi > GRAIN, a, b);
}

const factors: Record<string, number> = { "-2": 0.01, "-1": 0.1, 0: 1, 1: 10, 2: 100, 3: 1000, 4: 10000 };

/** Rounds to digits: down, up, or near (half up). */
export function rounding(how: string, digits: number): (x: number) => number {
  const factor = factors[digits]!;
  if (how === "down") return (x) => Math.floor(x * factor + GRAIN) / factor;
  if (how === "up") return (x) => Math.ceil(x * factor - GRAIN) / factor;
  return (x) => Math.floor(x * factor + 0.5 + GRAIN) / factor;
}
