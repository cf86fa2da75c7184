/** One interpretation of the rules for a household at a date. Mirrors finder/run.go. */
import { uncertain, type Compiled, type FactDef, type NodeVersion, type ParamVersion } from "./compile";
import { AGE, readAnswer, readHousehold, unknown, type Kin } from "./household";
import { InvalidInput, type Answer, type Answers, type Place, type Request } from "./rules";
import { choose, FAR, least, made, most, NO, not, of, point, YES, type Value } from "./value";

export interface Law { params: (ParamVersion | undefined)[]; nodes: (NodeVersion | undefined)[] }

/** What belongs to the unit of p, and the node on which the rest depends. */
export interface Unit { holds(r: Run, p: number, m: number): boolean; guard?: "inUnit" | "side"; apart?: boolean }

const sameFamily = (r: Run, p: number, m: number): boolean => r.persons[p]!.family === r.persons[m]!.family;
const sameHome = (r: Run, p: number, m: number): boolean => r.persons[p]!.home === r.persons[m]!.home;
const everybody = (): boolean => true;

export const units: Record<string, Unit> = {
  household: { holds: everybody },
  couple: { holds: (r, p, m) => m === p || m === r.persons[p]!.partner },
  family: { holds: sameFamily },
  needs: { holds: sameFamily, guard: "inUnit", apart: true },
  wohngeld: { holds: sameHome, guard: "side" },
  children: { holds: (r, p, m) => r.persons[m]!.parents.includes(p) },
  parents: { holds: (r, p, m) => r.persons[p]!.parents.includes(m) },
  home: { holds: sameHome },
  claimed: { holds: (r, p, m) => r.persons[m]!.claimer === p },
};

export const relations: Record<string, (r: Run, p: number) => number> = {
  partner: (r, p) => r.persons[p]!.partner,
  asker: (r) => r.asker,
  kindergeld_to: (r, p) => r.persons[p]!.claimer,
};

/** The version of everything that holds on a date. */
export function lawOf(rules: Compiled, date: string): Law {
  const at = <V extends { from: string }>(versions: V[]): V | undefined => versions.findLast((v) => v.from <= date);
  return { params: rules.params.map((p) => at(p.dated)), nodes: rules.nodes.map((n) => at(n.dated)) };
}

const laws = new WeakMap<Compiled, Map<string, Law>>();

function law(rules: Compiled, date: string): Law {
  let known = laws.get(rules);
  if (!known) laws.set(rules, (known = new Map()));
  let found = known.get(date);
  if (!found) known.set(date, (found = lawOf(rules, date)));
  return found;
}

export class Run {
  readonly persons: Kin[];
  readonly asker: number;
  readonly asked: number;
  law: Law;
  readonly pins: number[]; // −1: open
  readonly place: Place | undefined; // of the postcode
  private facts: Value[];
  private memo: (Value | undefined)[] = [];
  private pruned: boolean[] = [];
  private given: boolean[] = [];
  private givenNodes: number[] = [];
  private open: Run | undefined; // with an open rent level
  private index: Map<string, number>;

  constructor(readonly rules: Compiled, input: Request | Run) {
    if (input instanceof Run) {
      ({ persons: this.persons, asker: this.asker, asked: this.asked, law: this.law, pins: this.pins, index: this.index, place: this.place } = input);
      this.facts = input.facts.slice();
      this.given = input.given;
      this.givenNodes = input.givenNodes;
      for (const at of this.givenNodes) this.memo[at] = input.memo[at];
      return;
    }
    const h = readHousehold(rules, input);
    ({ persons: this.persons, asker: this.asker, asked: this.asked, facts: this.facts, index: this.index, place: this.place } = h);
    this.law = law(rules, input.date);
    this.pins = rules.points.map(() => -1);
    this.take(input);
  }

  /** Nothing is known of who lives in the household. */
  get nobody(): boolean { return (this.asked & this.rules.facts[AGE]!.cause) === 0; }

  /** Enters what is given and pinned. */
  private take(input: Request): void {
    const wrong: Record<string, string> = {};
    for (const [id, g] of Object.entries(input.given ?? {})) {
      const each = byPerson(g);
      if (!each) this.persons.forEach((_, p) => this.give(wrong, id, p, g as Answer));
      for (const [person, a] of Object.entries(each ?? {})) {
        const p = this.index.get(person);
        if (p === undefined) wrong["given." + id] = "unknown_person";
        else this.give(wrong, id, p, a);
      }
    }
    for (const [id, variant] of Object.entries(input.pinned ?? {})) {
      const i = this.rules.points.indexOf(id);
      if (i < 0 || variant < 0) wrong["pinned." + id] = "unknown_point";
      else this.pins[i] = variant;
    }
    if (Object.keys(wrong).length > 0) throw new InvalidInput(wrong);
  }

  private give(wrong: Record<string, string>, id: string, p: number, a: Answer): void {
    const s = this.rules.symbols.get(id), n = this.persons.length;
    if (!s || s.kind === "param") {
      wrong["given." + id] = "unknown_node";
      return;
    }
    const def = s.kind === "fact" ? this.rules.facts[s.index]! : this.rules.nodes[s.index]!;
    const at = s.index * n + ("shared" in def ? (def.shared ? 0 : p) : def.of === "household" ? 0 : p);
    // A node that is not known is computed, not given.
    const v = "shared" in def && a === null ? undefined : readAnswer("shared" in def ? { ...(def.bool ? anyTruth : anyNumber) } : def, a);
    if (!v) {
      wrong["given." + id] = "bad_value";
    } else if (s.kind === "fact") {
      this.facts[at] = v;
      this.given[at] = true;
    } else {
      this.memo[at] = v;
      this.givenNodes.push(at);
    }
  }

  /** What is known of a fact, after pruning. */
  fact(f: number, p: number): Value {
    const def = this.rules.facts[f]!;
    const at = f * this.persons.length + (def.of === "household" ? 0 : p);
    if (!def.only || this.given[at] || this.pruned[at]) return this.facts[at]!;
    const only = def.only(this, def.of === "household" ? this.asker : p);
    this.pruned[at] = true;
    return (this.facts[at] = choose(only, this.facts[at]!, point(def.fallback)));
  }

  /** The value of a formula, computed once. */
  node(n: number, p: number): Value {
    const { shared } = this.rules.nodes[n]!;
    const at = n * this.persons.length + (shared ? 0 : p);
    const done = this.memo[at];
    if (done) return done;
    const version = this.law.nodes[n];
    let v = version ? version.term(this, shared ? this.asker : p) : NO;
    if (version?.weak && !v.weak) v = { ...v, weak: true };
    return (this.memo[at] = v);
  }

  /** A parameter under every reading that is possible. */
  figure(i: number, rows: (f: number[][]) => [number, number]): Value {
    const d = this.law.params[i];
    if (!d || d.ends) return NO;
    const { point: at } = this.rules.params[i]!;
    let reading = 0;
    if (uncertain(d)) {
      const pin = this.pins[at]!;
      if (pin < 0 && d.unknown) return of(0, FAR, 0, 1n << BigInt(at), d.weak);
      if (pin < 0) {
        const ends = d.readings.map(rows);
        return made(Math.min(...ends.map((e) => e[0])), Math.max(...ends.map((e) => e[1])), of(0, 0, 0, 1n << BigInt(at), d.weak));
      }
      reading = Math.min(pin, d.readings.length - 1);
    }
    const [lo, hi] = rows(d.readings[reading]!);
    return of(lo, hi, 0, 0n, d.weak);
  }

  /** Whether m belongs to the unit of p. */
  member(u: Unit, p: number, m: number): Value {
    if (!u.holds(this, p, m)) return NO;
    const guard = u.guard ? this.rules[u.guard] : -1;
    if (guard < 0 || p === m) return YES;
    const a = this.node(guard, p), b = this.node(guard, m);
    const together = least(a, b);
    return u.apart ? together : most(together, least(not(a), not(b)));
  }

  /** The run with an open rent level. */
  unplaced(): Run {
    if (this.open) return this.open;
    const { rentLevel, facts } = this.rules, at = rentLevel * this.persons.length;
    this.open = new Run(this.rules, this);
    if (!this.given[at]) this.open.facts[at] = unknown(facts[rentLevel]!);
    return this.open;
  }

  /** The run with the k-th try as answer to everything a question asks and nobody has answered. */
  answered(question: number, k: number): Run {
    const trial = new Run(this.rules, this), n = this.persons.length;
    for (const f of this.rules.questions[question]!.list) {
      const tries = this.rules.facts[f]!.try;
      for (let p = 0; p < n && tries.length > 0; p++) {
        const at = f * n + p, v = trial.facts[at]!;
        if (v.lo !== v.hi && !this.given[at]) trial.facts[at] = point(tries[Math.min(k, tries.length - 1)]!);
      }
    }
    return trial;
  }
}

const anything = { id: "", of: "person", unit: "", options: [], try: [], cause: 0, fallback: 0 } as const;
const anyNumber = { ...anything, kind: "number", min: -FAR, max: FAR } as unknown as FactDef;
const anyTruth = { ...anything, kind: "bool", min: 0, max: 1 } as unknown as FactDef;

/** Tells a value for everybody from values by person. */
function byPerson(g: Answer | Answers): Answers | undefined {
  return typeof g === "object" && g !== null && !("low" in g) ? (g as Answers) : undefined;
}
