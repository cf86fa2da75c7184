/** What a person has answered, in memory only, and the request it makes. The same as web/finder_state.go. */
import { compile, type Compiled, type FactDef } from "./compile";
import { Run } from "./run";
import { isNo } from "./value";
import type { Answer, Answers, Person, Request, RuleSet } from "./rules";

export const ABOUT_PEOPLE = "household";
export const HOUSEHOLD = "h"; // where the facts of the household stand
export const MAX_PEOPLE = 12;
export const RELATIONS = ["partner", "child_both", "child_mine", "child_partner", "child_foster", "parent", "sibling", "other_relative", "other"] as const;

export interface HomePerson { relation: string; birth: string }
export type Skipped = "unknown" | "unsaid";

/** One fact that a question asks of one person or of the household. */
export interface Field { fact: FactDef; owner: string; name: string }
export interface Step { id: string; fields: Field[] }

export class Answered {
  people: HomePerson[] = [];
  facts: Record<string, Answers> = {};
  asked: string[] = [];
  skipped: Record<string, Skipped> = {};
  readonly rules: Compiled;

  constructor(readonly date: string, readonly source: RuleSet) { this.rules = compile(source); }

  request(): Request {
    const request: Request = { date: this.date, household: this.facts[HOUSEHOLD] ?? {}, persons: [] };
    if (this.people.length === 0) return request;
    const partner = this.people.findIndex((p) => p.relation === "partner");
    const parents = this.people.flatMap((p, i) => (p.relation === "parent" ? [id(i)] : [])).slice(0, 2);
    request.asker = id(0);
    request.persons = this.people.map((p, i): Person => ({
      id: id(i), birth: p.birth, facts: this.facts[id(i)] ?? {}, parents: i === 0 ? parents : parentsOf(p.relation, parents, partner),
      ...(p.relation === "other" && { flatmate: true }),
      ...(p.relation === "child_foster" && { kindergeld_to: id(0) }),
    }));
    if (partner > 0) [request.persons[0]!.partner, request.persons[partner]!.partner] = [id(partner), id(0)];
    return request;
  }

  set(owner: string, fact: string, answer: Answer): void { (this.facts[owner] ??= {})[fact] = answer; }

  /** Notes that a question has been answered, or why not. */
  mark(question: string, skipped?: Skipped): void {
    if (!this.asked.includes(question)) this.asked.push(question);
    delete this.skipped[question];
    if (skipped) this.skipped[question] = skipped;
  }

  /** Answers stay with a person who keeps place and relation; those of others are dropped. */
  setPeople(people: HomePerson[]): void {
    this.people.forEach((p, i) => { if (people[i]?.relation !== p.relation) delete this.facts[id(i)]; });
    this.people = people;
  }

  isChild(owner: string): boolean {
    return !!this.people[Number(owner.slice(1))]?.relation.startsWith("child");
  }

  /** The questions that matter in the light of the answers, in their fixed order, with their fields. */
  walk(): Step[] {
    const run = new Run(this.rules, this.request());
    return this.rules.questions.flatMap((q) => {
      const fields = isNo(q.test(run, run.asker)) ? [] : q.list.flatMap((f) => this.fieldsOf(run, this.rules.facts[f]!));
      return fields.length > 0 || q.id === ABOUT_PEOPLE ? [{ id: q.id, fields }] : [];
    });
  }

  private fieldsOf(run: Run, fact: FactDef): Field[] {
    const mayAsk = (p: number): boolean => !fact.only || !isNo(fact.only(run, p));
    const field = (owner: string): Field => ({ fact, owner, name: `${owner}.${fact.id}` });
    if (fact.of === "household") return mayAsk(run.asker) ? [field(HOUSEHOLD)] : [];
    return this.people.flatMap((_, p) => (mayAsk(p) ? [field(id(p))] : []));
  }

  /** Drops answers of people who are gone and of branches that were left. */
  prune(): Step[] {
    for (;;) {
      const walk = this.walk();
      const known = new Set(walk.flatMap((s) => s.fields.map((f) => f.name)));
      let dropped = false;
      for (const [owner, facts] of Object.entries(this.facts)) {
        for (const fact of Object.keys(facts)) {
          if (known.has(`${owner}.${fact}`)) continue;
          delete facts[fact];
          dropped = true;
        }
      }
      this.asked = this.asked.filter((q) => walk.some((s) => s.id === q));
      if (!dropped) return walk;
    }
  }
}

export const id = (i: number): string => "p" + i;

function parentsOf(relation: string, ofAsker: string[], partner: number): string[] {
  const parents: Record<string, string[]> = {
    child_both: [id(0), id(partner)], child_mine: [id(0), "away"], child_partner: [id(partner), "away"], sibling: ofAsker,
  };
  return parents[relation] ?? [];
}
