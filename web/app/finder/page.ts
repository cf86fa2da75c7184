/**
 * The finder in the page: the rules are loaded once, everything after that
 * happens here. No answer leaves the browser and none is stored; the history
 * holds only the number of the step, so that Back goes one step back.
 */
import { fill, h, one, type Child } from "../dom";
import type { Availability } from "../here";
import { t } from "../texts";
import { evaluate, next } from "./evaluate";
import { backIcon, button, icon, mayBeNone, personFields, questionFields, readAnswers, readPeople, rowOf, summary, ticked, type Errors, type Row } from "./form";
import { resultView } from "./result";
import type { RuleSet } from "./rules";
import { ABOUT_PEOPLE, Answered, HOUSEHOLD, MAX_PEOPLE, type Skipped, type Step } from "./state";
import { inWords, levelRange, maybe, personName, rule, useTexts } from "./words";
import { typed } from "./number";

interface Loaded { today: string; rules: RuleSet; texts: Record<string, string>; topics: Record<string, string> }

/** Loads the rules and takes the form over; when that fails the form goes to the server as without script. */
export async function startFinder(root: HTMLElement): Promise<void> {
  const answer = await fetch(root.dataset.rules!, { credentials: "omit" });
  if (!answer.ok) throw new Error(String(answer.status));
  const data = (await answer.json()) as Loaded;
  useTexts(data.texts);
  const page = new FinderPage(root, data, JSON.parse(root.dataset.here!) as Record<string, Availability>);
  one<HTMLFormElement>("#finder-begin", root).addEventListener("submit", (e) => {
    e.preventDefault();
    page.go(ABOUT_PEOPLE);
  });
  root.dataset.ready = "";
}

const CHECK = "check", RESULT = "result"; // beside the ids of questions

class FinderPage {
  private state: Answered;
  private trail: string[] = [];
  private fromCheck = false;
  private begin: Node[];

  constructor(private root: HTMLElement, private data: Loaded, private here: Record<string, Availability>) {
    this.state = new Answered(data.today, data.rules);
    this.begin = [...root.childNodes];
    history.replaceState({ finder: 0 }, "");
    addEventListener("popstate", (e) => this.returnTo((e.state as { finder: number } | null)?.finder));
  }

  /** Shows an earlier step. A jump within the page, as to its main part, comes without one and changes nothing. */
  private returnTo(step: number | undefined): void {
    if (step === undefined) {
      history.replaceState({ finder: this.trail.length }, "");
      return;
    }
    this.trail.length = Math.min(step, this.trail.length);
    this.show(this.trail.at(-1));
  }

  /** Goes to a view; Back returns from it. */
  go(view: string): void {
    this.trail.push(view);
    history.pushState({ finder: this.trail.length }, "");
    this.show(view);
  }

  private show(view: string | undefined): void {
    if (view === undefined) this.root.replaceChildren(...this.begin);
    else if (view === ABOUT_PEOPLE) this.people(this.state.people.length > 0 ? this.state.people.map(rowOf) : [{ relation: "", year: "", month: "" }], {});
    else if (view === CHECK) this.check();
    else if (view === RESULT) this.result();
    else this.question(view, undefined, {});
  }

  private put(...children: Child[]): void {
    fill(this.root, ...children);
    scrollTo({ top: 0, behavior: "instant" });
    (document.getElementById("errors") ?? document.getElementById("finder-heading"))?.focus({ preventScroll: true });
  }

  private heading(id: string): Child[] {
    const help = maybe(`question.${id}.help`);
    return [
      h("h1", { class: "kern-heading-large", id: "finder-heading", tabindex: "-1" }, rule("question." + id)),
      help && h("p", { class: "kern-body" }, help),
    ];
  }

  private people(rows: Row[], errors: Errors): void {
    const form = h("form", { class: "form", novalidate: true, submit: (e) => { e.preventDefault(); this.takePeople(form); } },
      ...rows.map((row, i) => personFields(row, i, errors)),
      rows.length < MAX_PEOPLE && button("secondary", t("finder.more_people"), () => this.morePeople(form), icon("kern-icon--add")),
      h("div", { class: "finder__go" }, button("primary", t("finder.next"), undefined), ...skips((why) => this.skipPeople(why))), this.back());
    this.put(summary(errors), ...this.heading(ABOUT_PEOPLE), form);
  }

  private morePeople(form: HTMLFormElement): void {
    const { rows } = readPeople(form);
    this.people([...rows, { relation: "partner", year: "", month: "" }], {});
    document.getElementById("relation." + rows.length)?.focus();
  }

  private takePeople(form: HTMLFormElement): void {
    const { rows, people, errors } = readPeople(form);
    if (Object.keys(errors).length > 0) {
      this.people(rows, errors);
      return;
    }
    this.state.setPeople(people);
    this.state.mark(ABOUT_PEOPLE);
    this.onwards();
  }

  private skipPeople(why: Skipped): void {
    this.state.setPeople([]);
    this.state.mark(ABOUT_PEOPLE, why);
    this.onwards();
  }

  private back(): HTMLElement {
    return h("div", { class: "finder__more" }, button("tertiary", t("finder.back"), () => history.back(), backIcon()));
  }

  private question(id: string, typedIn: FormData | undefined, errors: Errors): void {
    const step = this.state.walk().find((s) => s.id === id);
    if (!step) {
      this.check();
      return;
    }
    const sensitive = this.state.rules.questions.some((q) => q.id === id && q.sensitive);
    const numbers = step.fields.some((f) => f.fact.kind === "number");
    const form = h("form", { class: "form", novalidate: true, submit: (e) => { e.preventDefault(); this.take(step, form); } },
      ...questionFields(this.state, step, typedIn, errors),
      h("div", { class: "finder__go" }, button("primary", t("finder.next"), undefined),
        mayBeNone(step.fields) && button("secondary", t("finder.none_of_these"), () => this.take(step, form, true)),
        ...skips((why) => this.skip(step, why))),
      h("div", { class: "finder__more" }, button("tertiary", t("finder.back"), () => history.back(), backIcon()),
        button("tertiary", t("finder.result_now"), () => this.go(RESULT))));
    this.put(summary(errors), ...this.heading(id), numbers && h("p", { class: "kern-hint" }, t("finder.number_hint")),
      sensitive && h("p", { class: "kern-body panel panel--soft" }, t("finder.sensitive")), form);
  }

  private skip(step: Step, why: Skipped): void {
    for (const f of step.fields) this.state.set(f.owner, f.fact.id, null);
    this.state.mark(step.id, why);
    this.onwards();
  }

  /** Takes the answers; with none, what was left empty is nothing or no. */
  private take(step: Step, form: HTMLFormElement, none = false): void {
    const data = new FormData(form), { answers, errors } = readAnswers(data, step.fields);
    for (const [f, answer] of answers) {
      const empty = f.fact.kind === "bool" ? false : 0;
      this.state.set(f.owner, f.fact.id, none && answer === null ? empty : answer);
    }
    if (Object.keys(errors).length > 0) {
      this.question(step.id, data, errors);
      return;
    }
    this.state.mark(step.id);
    this.onwards();
  }

  /** The question that decides most; the list of answers when none is left or it was there that one was changed. */
  private onwards(): void {
    const open = this.state.prune().map((s) => s.id).filter((id) => !this.state.asked.includes(id));
    const request = this.state.request();
    let id = this.fromCheck ? undefined : next(this.state.rules, request);
    while (id !== undefined && !open.includes(id)) {
      // It asks nothing of anybody here: taken as asked.
      for (const fact of this.state.rules.questions.find((q) => q.id === id)!.facts ?? []) (request.answers ??= {})[fact] = null;
      const then = next(this.state.rules, request);
      id = then === id ? undefined : then;
    }
    this.fromCheck = false;
    this.go(id ?? CHECK);
  }

  private check(): void {
    const rows = this.state.prune().map((step) => h("div", { class: "finder__row" },
      h("dt", {}, rule("question." + step.id)), h("dd", {}, ...this.answersTo(step)),
      h("dd", { class: "finder__change" }, button("tertiary", t(this.state.asked.includes(step.id) ? "finder.change" : "finder.answer"), () => {
        this.fromCheck = true;
        this.go(step.id);
      }, undefined, h("span", { class: "kern-sr-only" }, " " + rule("question." + step.id))))));
    this.put(h("h1", { class: "kern-heading-large", id: "finder-heading", tabindex: "-1" }, t("finder.check")),
      h("p", { class: "kern-body" }, t("finder.check_text")), h("dl", { class: "finder__list" }, ...rows),
      h("div", { class: "finder__go" }, button("primary", t("finder.show"), () => this.go(RESULT))), this.back());
  }

  private answersTo(step: Step): Child[] {
    const skipped = this.state.asked.includes(step.id) ? this.state.skipped[step.id] : "open";
    if (skipped) return [t("finder.skipped." + skipped)];
    if (step.id === ABOUT_PEOPLE) {
      return this.state.people.map((p, i) => line(personName(this.state, i) + (i === 0 && p.birth ? ` (${p.birth.slice(0, 4)})` : "")));
    }
    const said = step.fields.filter((f) => {
      const answer = this.state.facts[f.owner]?.[f.fact.id];
      return answer !== undefined && !(ticked(step.fields, f) && typed(answer) === "no");
    });
    if (said.length === 0) return [line(t("finder.none_of_these")), ...this.derived(step)];
    return [...said.map((f) => {
      const who = f.owner !== "h" && this.state.people.length > 1 ? personName(this.state, Number(f.owner.slice(1))) + " · " : "";
      return line(inWords(f.fact, this.state.facts[f.owner]?.[f.fact.id]), `${who}${rule("fact." + f.fact.id)}: `);
    }), ...this.derived(step)];
  }

  /** The rent level that the postcode gives, when the person gave none. */
  private derived(step: Step): Child[] {
    const { postcode, rent_level } = this.state.facts[HOUSEHOLD] ?? {};
    const place = step.id === "housing" && typeof postcode === "string" ? this.state.rules.places.find(Number(postcode)) : undefined;
    if (!place || typed(rent_level) !== "") return [];
    return [line(t("finder.from_postcode", { level: levelRange(place.rent_level) }), rule("fact.rent_level") + ": ")];
  }

  private result(): void {
    this.state.prune();
    const result = evaluate(this.state.rules, this.state.request());
    const { centres, chat } = this.root.dataset;
    const beside = { benefits: this.data.rules.benefits, topics: this.data.topics, here: this.here, chat: chat!, centres: centres!,
      postcode: typed(this.state.facts[HOUSEHOLD]?.postcode) };
    this.put(...resultView(result, beside, () => this.go(CHECK)));
  }
}

/** The buttons to leave a question out. */
const skips = (skip: (why: Skipped) => void): HTMLElement[] =>
  (["unknown", "unsaid"] as const).map((why) => button("secondary", t("finder." + why), () => skip(why)));

function line(value: string, before = ""): HTMLElement {
  return h("span", { class: "finder__answer" }, before, h("b", {}, value));
}
