/**
 * A request that has been read: persons by index, relations between them, and
 * what is known of every fact. Mirrors finder/household.go.
 */
import type { Compiled, FactDef } from "./compile";
import { birthSpan, monthsBetween, validDate, year } from "./dates";
import { InvalidInput, type Answer, type Person, type Place, type Request } from "./rules";
import { made, of, point, truth, type Value } from "./value";

export const MAX_PERSONS = 20;
const AWAY = "away";

/** The indices of the built-in facts. */
export const AGE = 0, AGE_MONTHS = 1, BIRTH_YEAR = 2, HAS_PARTNER = 3, IS_ASKER = 4, PARENTS_HERE = 5, PARENTS_AWAY = 6;

export const BUILTINS: { id: string; kind: "number" | "bool"; unit?: string; min?: number; max?: number }[] = [
  { id: "age", kind: "number", unit: "years", max: 120 },
  { id: "age_months", kind: "number", unit: "months", max: 1451 },
  { id: "birth_year", kind: "number", unit: "year", min: 1880, max: 2100 },
  { id: "has_partner", kind: "bool" },
  { id: "is_asker", kind: "bool" },
  { id: "parents_here", kind: "number", unit: "persons", max: 2 },
  { id: "parents_away", kind: "number", unit: "persons", max: 2 },
];

/** The relations of one person; −1 is nobody, or nobody here. */
export interface Kin { partner: number; parents: [number, number]; claimer: number; family: number; home: number }

export interface Household {
  persons: Kin[];
  asker: number;
  facts: Value[]; // fact × person; facts of the household stand at person 0
  asked: number; // questions that have an answer, "not known" included
  index: Map<string, number>;
  place?: Place; // of the postcode, when it is known
}

export function readHousehold(rules: Compiled, input: Request): Household {
  return new Reader(rules, input).read();
}

class Reader {
  private fields: Record<string, string> = {};
  private out: Household = { persons: [], asker: 0, facts: [], asked: 0, index: new Map() };
  private people: Person[];

  constructor(private rules: Compiled, private input: Request) { this.people = input.persons ?? []; }

  read(): Household {
    if (!validDate(this.input.date)) throw new InvalidInput({ date: "bad_date" });
    if (this.people.length > MAX_PERSONS) {
      this.fields.persons = "too_many";
      this.people = [];
    }
    this.readPersons();
    this.readFacts();
    if (Object.keys(this.fields).length > 0) throw new InvalidInput(this.fields);
    return this.out;
  }

  private readPersons(): void {
    const { index } = this.out;
    this.people.forEach((p, i) => {
      if (index.has(p.id) || !p.id || p.id === AWAY) this.fields[`persons.${i}.id`] = "bad_id";
      index.set(p.id, i);
    });
    if (this.input.asker) {
      const asker = index.get(this.input.asker);
      if (asker === undefined) this.fields.asker = "unknown_person";
      this.out.asker = asker ?? 0;
    }
    if (this.people.length === 0) {
      this.out.persons = [{ partner: -1, parents: [-1, -1], claimer: -1, family: 0, home: 0 }];
      return;
    }
    this.out.persons = this.people.map((p, i) => this.relations(p, i));
    this.checkPartners();
    this.claimers();
    families(this.out.persons);
    this.homes();
  }

  private person(i: number, field: string, id: string | undefined, self = false): number {
    if (!id || id === AWAY) return -1;
    const other = this.out.index.get(id);
    if (other === undefined || (other === i && !self)) {
      this.fields[`persons.${i}.${field}`] = "unknown_person";
      return -1;
    }
    return other;
  }

  private relations(p: Person, i: number): Kin {
    const claimer = this.person(i, "kindergeld_to", p.kindergeld_to, true);
    const kin: Kin = { partner: this.person(i, "partner", p.partner), parents: [-1, -1], claimer, family: i, home: i };
    const parents = p.parents ?? [];
    if (parents.length > 2) this.fields[`persons.${i}.parents`] = "too_many";
    else parents.forEach((id, j) => { kin.parents[j as 0 | 1] = this.person(i, "parents", id); });
    return kin;
  }

  private checkPartners(): void {
    const { persons } = this.out;
    persons.forEach((k, i) => {
      if (k.partner >= 0 && persons[k.partner]!.partner !== i) this.fields[`persons.${i}.partner`] = "not_mutual";
      for (let at = i, steps = 0; at >= 0; steps++) {
        if (steps > persons.length) {
          this.fields[`persons.${i}.parents`] = "own_ancestor";
          break;
        }
        at = Math.max(...persons[at]!.parents);
      }
    });
  }

  /** Fills in who gets the Kindergeld: the asker if a parent, else the first parent by id. */
  private claimers(): void {
    const first = (a: number, b: number): number => {
      if ((a === this.out.asker) !== (b === this.out.asker)) return a === this.out.asker ? -1 : 1;
      return this.people[a]!.id < this.people[b]!.id ? -1 : 1;
    };
    this.out.persons.forEach((k, i) => {
      if (k.claimer >= 0 || this.people[i]!.kindergeld_to) return;
      const here = k.parents.filter((p) => p >= 0).sort(first);
      if (here.length > 0) k.claimer = here[0]!;
    });
  }

  /** Numbers those who keep house together: all but flatmates, who do so with their own relatives alone. */
  private homes(): void {
    const { persons, asker } = this.out;
    relatives(persons);
    const apart = new Set(persons.filter((_, i) => this.people[i]!.flatmate).map((k) => k.home));
    apart.delete(persons[asker]!.home);
    for (const k of persons) if (!apart.has(k.home)) k.home = -1;
  }

  private readFacts(): void {
    const n = this.out.persons.length;
    for (const f of this.rules.facts) for (let p = 0; p < n; p++) this.out.facts.push(unknown(f));
    for (const [id, a] of Object.entries(this.input.household ?? {})) this.answer("household." + id, id, 0, a, "household");
    for (const [id, a] of Object.entries(this.input.answers ?? {})) this.answer("answers." + id, id, this.out.asker, a);
    this.readPlace();
    if (this.people.length === 0) return;
    this.out.asked |= this.rules.facts[AGE]!.cause;
    this.people.forEach((person, p) => {
      this.builtins(person, p);
      for (const [id, a] of Object.entries(person.facts ?? {})) this.answer(`persons.${p}.facts.${id}`, id, p, a, "person");
      if (!person.birth) this.ageAlone(p);
    });
  }

  /** Finds the place of the postcode. Its rent levels stand for the one that nobody gave. */
  private readPlace(): void {
    const { postcode, rentLevel, facts, places } = this.rules, n = this.out.persons.length;
    if (postcode < 0 || rentLevel < 0) return;
    const code = this.out.facts[postcode * n]!;
    const place = code.lo === code.hi ? places.find(code.lo) : undefined;
    if (!place) return;
    place.used = this.untouched(rentLevel, 0);
    if (place.used) this.set(rentLevel, 0, made(place.rent_level.low, place.rent_level.high, of(0, 0, facts[rentLevel]!.cause, 0n, places.weak)));
    this.out.place = place;
  }

  private answer(field: string, id: string, p: number, a: Answer, owner?: string): void {
    const s = this.rules.symbols.get(id);
    const f = s?.kind === "fact" ? this.rules.facts[s.index] : undefined;
    if (!f || !s || (owner && f.of !== owner)) {
      this.fields[field] = "unknown_fact";
      return;
    }
    this.out.asked |= f.cause;
    const v = readAnswer(f, a);
    if (v) this.out.facts[s.index * this.out.persons.length + (f.of === "household" ? 0 : p)] = v;
    else this.fields[field] = "bad_value";
  }

  private set(fact: number, p: number, v: Value): void { this.out.facts[fact * this.out.persons.length + p] = v; }

  private builtins(person: Person, p: number): void {
    const kin = this.out.persons[p]!;
    const here = kin.parents.filter((x) => x >= 0).length;
    this.set(HAS_PARTNER, p, truth(kin.partner >= 0));
    this.set(IS_ASKER, p, truth(p === this.out.asker));
    this.set(PARENTS_HERE, p, point(here));
    this.set(PARENTS_AWAY, p, point((person.parents?.length ?? 0) - here));
    if (person.birth) this.born(person.birth, p);
  }

  private born(birth: string, p: number): void {
    const span = birthSpan(birth);
    const youngest = span ? monthsBetween(span[1], this.input.date) : -1;
    const oldest = span ? monthsBetween(span[0], this.input.date) : -1;
    if (!span || (youngest < 0 && oldest < 0) || oldest > 1451) {
      this.fields[`persons.${p}.birth`] = "bad_date";
      return;
    }
    const asks = of(0, 0, this.rules.facts[AGE]!.cause), from = Math.max(0, youngest);
    this.set(AGE_MONTHS, p, made(from, oldest, asks));
    this.set(AGE, p, made(Math.floor(from / 12), Math.floor(oldest / 12), asks));
    this.set(BIRTH_YEAR, p, point(year(span[0])));
  }

  /** Derives months and year of birth from an age without birth. */
  private ageAlone(p: number): void {
    const n = this.out.persons.length, { facts } = this.out;
    const age = facts[AGE * n + p]!, asks = of(0, 0, this.rules.facts[AGE]!.cause);
    if (this.untouched(AGE_MONTHS, p)) this.set(AGE_MONTHS, p, made(age.lo * 12, age.hi * 12 + 11, asks));
    const y = year(this.input.date);
    if (this.untouched(BIRTH_YEAR, p)) this.set(BIRTH_YEAR, p, made(y - age.hi - 1, y - age.lo, asks));
  }

  private untouched(fact: number, p: number): boolean {
    const v = this.out.facts[fact * this.out.persons.length + p]!, f = this.rules.facts[fact]!;
    return v.lo === f.min && v.hi === f.max && v.asks === f.cause;
  }
}

export const unknown = (f: FactDef): Value => of(f.min, f.max, f.cause);

/** Reads an answer; null is everything the fact can be; undefined when it is no value of the fact. */
export function readAnswer(f: FactDef, a: Answer | undefined): Value | undefined {
  if (a === null || a === undefined) return unknown(f);
  if (typeof a === "boolean") return f.kind === "bool" ? truth(a) : undefined;
  if (typeof a === "string") {
    if (f.kind === "postcode") return /^[0-9]{5}$/.test(a) ? point(Number(a)) : undefined;
    const i = f.options.indexOf(a);
    return i >= 0 ? point(i) : undefined;
  }
  if (f.kind !== "number") return undefined;
  if (typeof a === "number") return a >= f.min && a <= f.max ? point(a) : undefined;
  const { low, high } = a;
  const fits = Object.keys(a).length === 2 && typeof low === "number" && typeof high === "number";
  return fits && f.min <= low && low <= high && high <= f.max ? made(low, high, of(0, 0, f.cause)) : undefined;
}

/** Numbers the families: couples with their children here who have neither partner nor child here. */
function families(persons: Kin[]): void {
  const hasChild = new Set(persons.flatMap((k) => k.parents));
  persons.forEach((k, i) => {
    if (k.partner >= 0) join(persons, "family", i, k.partner);
    else for (const parent of k.parents) if (parent >= 0 && !hasChild.has(i)) join(persons, "family", i, parent);
  });
}

/** Numbers those who are related here. */
function relatives(persons: Kin[]): void {
  persons.forEach((k, i) => {
    for (const other of [k.partner, ...k.parents, k.claimer]) if (other >= 0) join(persons, "home", i, other);
  });
}

function join(persons: Kin[], group: "family" | "home", a: number, b: number): void {
  const from = persons[a]![group], to = persons[b]![group];
  for (const k of persons) if (k[group] === from) k[group] = to;
}
