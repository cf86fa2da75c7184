/**
 * Turns the expressions of the rules into terms. The rules come checked from
 * the server (finder.Load); here nothing is checked again. Mirrors
 * finder/compile.go and finder/operators.go.
 */
import { AGE, BUILTINS } from "./household";
import { Places } from "./places";
import { relations, units, type Run, type Unit } from "./run";
import type { Benefit, Body, Bundle, Expression, Fact, Figures, Param, Question, RuleSet } from "./rules";
import {
  add, atMost, below, choose, div, equal, FAR, GRAIN, isNo, isYes, known, least, made, most, mul, NO, not, of, plainly,
  point, rounding, share, sub, truth, YES, type Value,
} from "./value";

export type Term = (r: Run, p: number) => Value;
type Rows = number[][];

export interface Symbol { kind: "fact" | "param" | "node"; index: number }

export interface FactDef {
  id: string; of: "person" | "household"; kind: Fact["kind"]; unit: string; min: number; max: number; options: string[]; try: number[];
  cause: number; only?: Term; fallback: number;
}

export interface QuestionDef extends Question { list: number[]; test: Term }

export interface ParamVersion { from: string; weak: boolean; unknown: boolean; ends: boolean; readings: Rows[] }
export interface ParamDef { id: string; first: number; point: number; dated: ParamVersion[] }

export interface NodeVersion { from: string; weak: boolean; term: Term }
export interface NodeDef { id: string; shared: boolean; bool: boolean; dated: NodeVersion[] }

export interface ConditionDef { id: string; law: string; sure: string; waits: boolean; yields: boolean; test: Term; value?: Term; limit?: Term; unit: string }
export interface BenefitDef {
  rule: Benefit; amount?: Term; pays?: Term; received?: Term; conditions: ConditionDef[]; behind: { benefit: string; test: Term }[];
}

export interface Compiled {
  questions: QuestionDef[];
  facts: FactDef[];
  params: ParamDef[];
  nodes: NodeDef[];
  benefits: BenefitDef[];
  bundles: { rule: Bundle; prefer: Term }[];
  symbols: Map<string, Symbol>;
  points: string[]; // uncertain points of law by bit
  inUnit: number; // node that guards the unit needs; −1 = none
  side: number; // node that guards the unit wohngeld; −1 = none
  postcode: number; // fact; −1 = none
  rentLevel: number; // fact; −1 = none
  places: Places;
  bodies: Body[];
}

export function compile(rules: RuleSet): Compiled {
  return new Compiler(rules).run();
}

class Compiler {
  private out: Compiled = {
    questions: [], facts: [], params: [], nodes: [], benefits: [], bundles: [], symbols: new Map(), points: [], inUnit: -1, side: -1, postcode: -1, rentLevel: -1,
    places: new Places({ districts: [], gaps: "", runs: "", levels: "" }), bodies: [],
  };

  constructor(private rules: RuleSet) {}

  run(): Compiled {
    this.declare();
    for (const f of this.rules.facts) this.factOnly(f);
    (this.rules.nodes ?? []).forEach((n, i) => {
      this.out.nodes[i]!.dated = n.dated.map((d) => ({ from: d.from ?? "", weak: !!d.weak, term: this.term(d.is) }));
    });
    this.rules.questions.forEach((q, i) => {
      if (q.when !== undefined) this.out.questions[i]!.test = this.term(q.when);
    });
    this.out.benefits = this.rules.benefits.map((b) => this.benefit(b));
    this.out.bundles = (this.rules.bundles ?? []).map((rule) => ({ rule, prefer: this.term(rule.prefer) }));
    return this.out;
  }

  private declare(): void {
    const { out, rules } = this;
    const facts: Omit<Fact, "of">[] = [...BUILTINS, ...rules.facts];
    facts.forEach((f, i) => {
      out.symbols.set(f.id, { kind: "fact", index: i });
      out.facts.push(factDef(f as Fact));
    });
    (rules.params ?? []).forEach((p, i) => {
      out.symbols.set(p.id, { kind: "param", index: i });
      out.params.push(paramDef(p));
    });
    (rules.nodes ?? []).forEach((n, i) => {
      out.symbols.set(n.id, { kind: "node", index: i });
      out.nodes.push({ id: n.id, shared: n.of === "household", bool: n.unit === "bool", dated: [] });
    });
    out.inUnit = this.nodeIndex("sgb2.in_unit");
    out.side = this.nodeIndex("wg.side");
    out.postcode = facts.findIndex((f) => f.kind === "postcode");
    out.rentLevel = facts.findIndex((f) => f.unit === "level");
    out.places = new Places(rules.places);
    out.bodies = rules.bodies ?? [];
    this.declareQuestions();
    out.params.forEach((p, i) => {
      if (p.dated.some(uncertain)) p.point = this.point(rules.params![i]!.point ?? p.id);
    });
  }

  private declareQuestions(): void {
    this.rules.questions.forEach((q, i) => {
      const list = (q.facts ?? []).map((id) => this.out.symbols.get(id)!.index);
      for (const f of list) this.out.facts[f]!.cause = 1 << i;
      this.out.questions.push({ ...q, list, test: () => YES });
    });
    const household = this.rules.questions.findIndex((q) => q.id === "household");
    for (let i = AGE; i < BUILTINS.length; i++) if (household >= 0) this.out.facts[i]!.cause = 1 << household;
  }

  private nodeIndex(id: string): number {
    const s = this.out.symbols.get(id);
    return s?.kind === "node" ? s.index : -1;
  }

  /** The bit of an uncertain point of law. */
  private point(id: string): number {
    const i = this.out.points.indexOf(id);
    return i >= 0 ? i : this.out.points.push(id) - 1;
  }

  private factOnly(f: Fact): void {
    if (f.only === undefined) return;
    const def = this.out.facts[this.out.symbols.get(f.id)!.index]!;
    def.only = this.term(f.only);
    def.fallback = typeof f.else === "string" ? def.options.indexOf(f.else) : Number(f.else);
  }

  private benefit(rule: Benefit): BenefitDef {
    const amount = this.optional(rule.amount), pays = this.optional(rule.pays), received = this.optional(rule.received);
    const conditions = rule.conditions.map((c) => this.condition(c));
    const behind = (rule.behind ?? []).map((b) => ({ benefit: b.benefit, test: this.term(b.test) }));
    return { rule, amount, pays, received, conditions, behind };
  }

  private condition(c: Benefit["conditions"][number]): ConditionDef {
    const def: ConditionDef = { id: c.id, law: c.law, sure: c.sure, waits: !!c.waits, yields: !!c.yields, test: YES_TERM, unit: "" };
    const [op, args] = typeof c.test === "object" ? application(c.test) : ["", []];
    const compare = comparisons[op];
    const rated = (test: Term): Term => (c.sure === "A" ? test : (r, p) => ({ ...test(r, p), weak: true }));
    if (!compare) return { ...def, test: rated(this.term(c.test)) };
    const [value, limit] = this.terms(args) as [Term, Term];
    return { ...def, test: rated((r, p) => compare(value(r, p), limit(r, p))), value, limit, unit: this.unitOf(args) };
  }

  /** The unit of the first operand that names one. */
  private unitOf(args: Expression[]): string {
    for (const arg of args) {
      const s = typeof arg === "string" ? this.out.symbols.get(arg) : undefined;
      if (s?.kind === "fact") return this.out.facts[s.index]!.unit;
      if (s?.kind === "param") return this.rules.params![s.index]!.unit;
      if (s?.kind === "node") return this.rules.nodes![s.index]!.unit;
    }
    return "";
  }

  private optional(e: Expression | undefined): Term | undefined {
    return e === undefined || e === null ? undefined : this.term(e);
  }

  private terms(args: Expression[]): Term[] { return args.map((a) => this.term(a)); }

  private term(e: Expression): Term {
    if (typeof e === "number") return constant(point(e));
    if (typeof e === "boolean") return constant(truth(e));
    if (typeof e === "string") return this.name(e);
    const [op, args] = application(e);
    return this.operators[op]!(args);
  }

  private name(id: string): Term {
    const { kind, index } = this.out.symbols.get(id)!;
    if (kind === "fact") return (r, p) => r.fact(index, p);
    if (kind === "node") return (r, p) => r.node(index, p);
    return (r) => r.figure(index, (f) => [f[0]![0]!, f[0]![0]!]);
  }

  private index(id: Expression | undefined): number { return this.out.symbols.get(id as string)!.index; }

  private operators: Record<string, (args: Expression[]) => Term> = {
    "+": (args) => fold(this.terms(args), add),
    "*": (args) => fold(this.terms(args), mul),
    "-": (args) => fold(this.terms(args), sub),
    "/": (args) => fold(this.terms(args), div),
    min: (args) => fold(this.terms(args), least),
    max: (args) => fold(this.terms(args), most),
    share: (args) => fold(this.terms(args), share),
    round: ([how, digits, x]) => rounded(rounding(how as string, digits as number), this.term(x!)),
    at: ([table, ...keys]) => lookup(this.index(table), this.terms(keys), tableRows),
    band: ([bands, key]) => lookup(this.index(bands), [this.term(key!)], bandRows),
    steps: ([bands, key]) => lookup(this.index(bands), [this.term(key!)], stepRows),
    if: (args) => branch(...(this.terms(args) as [Term, Term, Term])),
    all: (args) => logic(this.terms(args), least, NO),
    any: (args) => logic(this.terms(args), most, YES),
    not: ([x]) => negation(this.term(x!)),
    "<": (args) => this.compare("<", args),
    "<=": (args) => this.compare("<=", args),
    ">": (args) => this.compare(">", args),
    ">=": (args) => this.compare(">=", args),
    "=": (args) => this.compare("=", args),
    is: ([fact, ...options]) => this.option(this.index(fact), options as string[]),
    sum: ([unit, x, where]) => total(this.unit(unit), this.term(x!), this.where(where)),
    count: ([unit, where]) => total(this.unit(unit), constant(YES), this.where(where)),
    some: ([unit, test, where]) => some(this.unit(unit), this.term(test!), this.where(where)),
    every: ([unit, test, where]) => every(this.unit(unit), this.term(test!), this.where(where)),
    of: ([to, x, otherwise]) => related(to as string, this.term(x!), this.term(otherwise!)),
    unclear: ([id]) => unclear(this.point(id as string)),
  };

  private unit(name: Expression | undefined): Unit { return units[name as string]!; }
  private where(e: Expression | undefined): Term { return this.optional(e) ?? YES_TERM; }

  private compare(op: string, args: Expression[]): Term {
    const [a, b] = this.terms(args) as [Term, Term], fn = comparisons[op]!;
    return (r, p) => fn(a(r, p), b(r, p));
  }

  private option(fact: number, names: string[]): Term {
    const { options } = this.out.facts[fact]!;
    const among = new Set(names.map((name) => options.indexOf(name)));
    return (r, p) => {
      const v = r.fact(fact, p);
      if (known(v)) {
        const is = among.has(v.lo) ? 1 : 0;
        return of(is, is, 0, 0n, v.weak);
      }
      return among.size === options.length ? YES : made(0, 1, v);
    };
  }
}

const constant = (v: Value): Term => () => v;
const YES_TERM = constant(YES);

function application(e: object): [string, Expression[]] {
  const [op, raw] = Object.entries(e)[0] as [string, Expression | Expression[]];
  return [op, Array.isArray(raw) ? raw : [raw]];
}

function factDef(f: Fact): FactDef {
  const options = f.options ?? [];
  const [min, max] = f.kind === "bool" ? [0, 1] : f.kind === "choice" ? [0, options.length - 1] : [f.min ?? 0, f.max ?? 0];
  return { id: f.id, of: f.of ?? "person", kind: f.kind, unit: f.unit ?? "", min, max, options, try: f.try ?? [], cause: 0, fallback: 0 };
}

function paramDef(p: Param): ParamDef {
  const dated = p.dated.map((d): ParamVersion => {
    const variants = d.variants ?? (d.is === undefined ? [] : [d.is]);
    return { from: d.from ?? "", weak: !!d.weak, unknown: !!d.unknown, ends: !!d.ends, readings: variants.map((v) => rowsOf(p.kind, v)) };
  });
  return { id: p.id, first: p.first ?? 0, point: -1, dated };
}

function rowsOf(kind: Param["kind"], f: Figures): Rows {
  if (kind === "number") return [[f as number]];
  if (kind === "table") return [f as number[]];
  if (kind === "table2") return f as Rows;
  return (f as (number | null)[][]).map(([limit, value]) => [limit ?? FAR, value!]);
}

/** Whether a version can be read in more than one way. */
export const uncertain = (d: ParamVersion): boolean => d.unknown || d.readings.length > 1;

function fold(args: Term[], fn: (a: Value, b: Value) => Value): Term {
  return (r, p) => {
    let v = args[0]!(r, p);
    for (let i = 1; i < args.length; i++) v = fn(v, args[i]!(r, p));
    return v;
  };
}

function rounded(round: (x: number) => number, x: Term): Term {
  return (r, p) => {
    const v = x(r, p);
    return made(round(v.lo), round(v.hi), v);
  };
}

type RowReader = (first: number, f: Rows, keys: Value[]) => [number, number];

function lookup(param: number, keys: Term[], rows: RowReader): Term {
  return (r, p) => {
    const values = keys.map((key) => key(r, p));
    const { first } = r.rules.params[param]!;
    let wide = false; // whether the keys leave anything open
    const v = r.figure(param, (f) => {
      const ends = rows(first, f, values);
      wide ||= ends[0] !== ends[1];
      return ends;
    });
    return made(v.lo, v.hi, ...(wide ? values : values.map((key) => ({ ...key, asks: 0, laws: 0n }))), v);
  };
}

const clamped = (key: Value, first: number, n: number): [number, number] => {
  const index = (x: number): number => Math.min(Math.max(Math.floor(x + GRAIN) - first, 0), n - 1);
  return [index(key.lo), index(key.hi)];
};

/** The range of a table over the rows that are possible; the second key counts from 1. */
function tableRows(first: number, f: Rows, keys: Value[]): [number, number] {
  let rows = f.slice(0, 1), columns = keys[0]!, from = first;
  if (keys.length === 2) {
    const [a, b] = clamped(keys[0]!, first, f.length);
    rows = f.slice(a, b + 1);
    columns = keys[1]!;
    from = 1;
  }
  let lo = Infinity, hi = -Infinity;
  for (const row of rows) {
    const [a, b] = clamped(columns, from, row.length);
    for (const x of row.slice(a, b + 1)) {
      lo = Math.min(lo, x);
      hi = Math.max(hi, x);
    }
  }
  return [lo, hi];
}

function bandRows(_: number, bands: Rows, [key]: Value[]): [number, number] {
  let lo = Infinity, hi = -Infinity;
  for (let i = 0; i < bands.length; i++) {
    if (i > 0 && key!.hi <= bands[i - 1]![0]! + GRAIN) break;
    if (key!.lo <= bands[i]![0]! + GRAIN || i === bands.length - 1) {
      lo = Math.min(lo, bands[i]![1]!);
      hi = Math.max(hi, bands[i]![1]!);
    }
  }
  return [lo, hi];
}

function stepRows(_: number, bands: Rows, [key]: Value[]): [number, number] {
  const at = (x: number): number => {
    let sum = 0, from = 0;
    for (const [limit, rate] of bands as [number, number][]) {
      sum += Math.max(0, Math.min(x, limit) - from) * rate;
      from = limit;
    }
    return sum;
  };
  return [at(key!.lo), at(key!.hi)];
}

function branch(test: Term, a: Term, b: Term): Term {
  return (r, p) => {
    const t = test(r, p);
    if (isYes(t)) return choose(t, a(r, p), NO);
    if (isNo(t)) return choose(t, NO, b(r, p));
    return choose(t, a(r, p), b(r, p));
  };
}

/** "all" (least, decided by no) or "any" (most, decided by yes). */
function logic(args: Term[], fn: (a: Value, b: Value) => Value, decide: Value): Term {
  return (r, p) => {
    let v = not(decide);
    for (const arg of args) {
      v = fn(v, arg(r, p));
      if (plainly(v, decide)) return v;
    }
    return v;
  };
}

const negation = (x: Term): Term => (r, p) => not(x(r, p));

const swapped = (fn: (a: Value, b: Value) => Value) => (a: Value, b: Value): Value => fn(b, a);
const comparisons: Record<string, (a: Value, b: Value) => Value> = {
  "<": below, "<=": atMost, ">": swapped(below), ">=": swapped(atMost), "=": equal,
};

const ruledOut = (v: Value): boolean => isNo(v) && !v.weak;

function total(unit: Unit, x: Term, where: Term): Term {
  return (r, p) => {
    let sum: Value = NO;
    for (let m = 0; m < r.persons.length; m++) {
      let member = r.member(unit, p, m);
      if (ruledOut(member)) continue;
      member = least(member, where(r, m));
      if (ruledOut(member)) continue;
      sum = add(sum, choose(member, isNo(member) ? NO : x(r, m), NO));
    }
    return sum;
  };
}

/** Goes over the members that are not ruled out. */
function members(unit: Unit, where: Term, start: Value, step: (v: Value, member: Value, r: Run, m: number) => Value): Term {
  return (r, p) => {
    let v = start;
    for (let m = 0; m < r.persons.length; m++) {
      let member = r.member(unit, p, m);
      if (ruledOut(member)) continue;
      member = least(member, where(r, m));
      if (!ruledOut(member)) v = step(v, member, r, m);
    }
    return v;
  };
}

const some = (unit: Unit, test: Term, where: Term): Term =>
  members(unit, where, NO, (v, member, r, m) => most(v, least(member, test(r, m))));
const every = (unit: Unit, test: Term, where: Term): Term =>
  members(unit, where, YES, (v, member, r, m) => least(v, most(not(member), test(r, m))));

function related(name: string, x: Term, otherwise: Term): Term {
  const to = relations[name]!;
  return (r, p) => {
    const other = to(r, p);
    return other >= 0 ? x(r, other) : otherwise(r, p);
  };
}

function unclear(index: number): Term {
  return (r) => {
    const pin = r.pins[index]!;
    return pin >= 0 ? truth(pin === 1) : of(0, 1, 0, 1n << BigInt(index));
  };
}
