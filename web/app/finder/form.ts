/** The forms of the finder, as web/template/part_finder.html has them, and how they are read. */
import { h, type Child } from "../dom";
import { failure, t } from "../texts";
import { parseAmount, parsePostcode, typed } from "./number";
import type { Answer } from "./rules";
import { HOUSEHOLD, id, MAX_PEOPLE, RELATIONS, type Answered, type Field, type HomePerson, type Step } from "./state";
import { maybe, personName, rule, unit } from "./words";

export type Errors = Record<string, string>; // name of the field → code
export interface Row { relation: string; month: string; year: string }

const TICKS_FROM = 4; // so many yes-or-no facts of one person make tick boxes

export function button(kind: "primary" | "secondary" | "tertiary", text: string, onclick: (() => void) | undefined, ...more: Child[]): HTMLButtonElement {
  const look = { primary: "kern-btn kern-btn--primary", secondary: "kern-btn kern-btn--secondary", tertiary: "kern-btn kern-btn--tertiary" }[kind];
  return h("button", { class: look, type: onclick ? "button" : "submit", click: onclick }, ...more.slice(0, 1), h("span", { class: "kern-label" }, text, ...more.slice(1)));
}

export const icon = (name: string): HTMLElement => h("span", { class: "kern-icon " + name, "aria-hidden": "true" });
export const backIcon = (): HTMLElement => icon("kern-icon--arrow-back");

/** What is wrong, with links to the fields. */
export function summary(errors: Errors): Child {
  if (Object.keys(errors).length === 0) return undefined;
  return h("div", { class: "kern-alert kern-alert--danger", role: "alert", tabindex: "-1", id: "errors" },
    h("div", { class: "kern-alert__header" }, icon("kern-icon--danger"), h("h2", { class: "kern-title" }, t("common.errors"))),
    h("div", { class: "kern-alert__body" }, h("ul", { class: "kern-list" }, ...Object.entries(errors).map(([name, code]) =>
      h("li", {}, h("a", { class: "kern-link", href: "#" + name, click: (e) => { e.preventDefault(); focusOn(name); } }, failure(code)))))));
}

/** Brings a field into sight and to the keyboard; of several with one name the first. */
function focusOn(name: string): void {
  const field = document.getElementById(name);
  (field instanceof HTMLFieldSetElement ? field.querySelector("input") : field)?.focus();
}

function error(errors: Errors, name: string): Child {
  return errors[name] && h("p", { class: "kern-error", id: name + "-error" }, failure(errors[name]));
}

const wrong = (errors: Errors, name: string): Record<string, string | undefined> =>
  errors[name] ? { "aria-invalid": "true", "aria-describedby": name + "-error" } : {};

function box(errors: Errors, name: string, ...children: Child[]): HTMLElement {
  return h("div", { class: "kern-form-input" + (errors[name] ? " kern-form-input--error" : "") }, ...children, error(errors, name));
}

/** The fields for one person of the household. */
export function personFields(row: Row, i: number, errors: Errors): HTMLElement {
  const relation = `relation.${i}`, year = `year.${i}`, month = `month.${i}`;
  const choices = [...RELATIONS, ""].map((value) =>
    h("option", { value, selected: value !== "" && value === row.relation }, t("finder.relation." + (value || "nobody"))));
  return h("div", { class: "panel" }, h("fieldset", { class: "kern-fieldset finder__person" },
    h("legend", { class: "kern-label finder__who" }, i === 0 ? t("finder.person.self") : t("finder.person_n", { n: i })),
    i > 0 && box(errors, relation, h("label", { class: "kern-label", for: relation }, t("finder.relation")),
      h("div", { class: "kern-form-input__select-wrapper" },
        h("select", { class: "kern-form-input__select", id: relation, name: relation, ...wrong(errors, relation) }, ...choices))),
    h("div", { class: "pair" },
      box(errors, year, h("label", { class: "kern-label", for: year }, t("finder.year")), text(year, row.year, 4, errors)),
      box({}, month, h("label", { class: "kern-label", for: month }, t("finder.month")), text(month, row.month, 2, {})))));
}

function text(name: string, value: string, maxlength: number, errors: Errors): HTMLInputElement {
  return h("input", {
    class: "kern-form-input__input narrow", id: name, name, value, inputmode: "numeric", maxlength, autocomplete: "off", dir: "ltr", ...wrong(errors, name),
  });
}

/** Reads the form of people. */
export function readPeople(form: HTMLFormElement): { rows: Row[]; people: HomePerson[]; errors: Errors } {
  const data = new FormData(form), errors: Errors = {}, rows: Row[] = [], people: HomePerson[] = [];
  const get = (name: string): string => String(data.get(name) ?? "").trim();
  for (let i = 0; i < MAX_PEOPLE; i++) {
    const row = { relation: i === 0 ? "" : get(`relation.${i}`), month: get(`month.${i}`), year: get(`year.${i}`) };
    if (i > 0 && !row.relation) continue;
    const birth = birthOf(row);
    if (birth === undefined) errors[`year.${rows.length}`] = "birth_unclear";
    rows.push(row);
    people.push({ relation: row.relation, birth: birth ?? "" });
  }
  checkRelations(people, errors);
  return { rows, people, errors };
}

function checkRelations(people: HomePerson[], errors: Errors): void {
  const partners = people.flatMap((p, i) => (p.relation === "partner" ? [i] : []));
  for (const i of partners.slice(1)) errors[`relation.${i}`] = "two_partners";
  people.forEach((p, i) => {
    if (partners.length === 0 && (p.relation === "child_both" || p.relation === "child_partner")) errors[`relation.${i}`] = "no_partner";
  });
}

/** The birth a row says: "" when it is left out, undefined when it cannot be read. */
function birthOf({ year, month }: Row): string | undefined {
  if (year === "") return month === "" ? "" : undefined;
  const y = parseAmount(year), m = month === "" ? 0 : Number(month);
  if (typeof y !== "number" || !Number.isInteger(y) || y < 1906 || y > 2100 || !Number.isInteger(m) || m < 0 || m > 12 || (month !== "" && m === 0)) return undefined;
  return m === 0 ? String(y) : `${y}-${String(m).padStart(2, "0")}`;
}

export const rowOf = (p: HomePerson): Row => ({ relation: p.relation, year: p.birth.slice(0, 4), month: String(Number(p.birth.slice(5)) || "") });

/** Whether a fact is asked as one of several tick boxes. */
export function ticked(fields: Field[], f: Field): boolean {
  const same = fields.filter((other) => other.owner === f.owner && other.fact.kind === "bool");
  return f.fact.kind === "bool" && same.length >= TICKS_FROM;
}

/** The fields of a question by person, with what has been typed or else answered. */
export function questionFields(state: Answered, step: Step, typedIn: FormData | undefined, errors: Errors): HTMLElement[] {
  const owners = [HOUSEHOLD, ...state.people.map((_, i) => id(i))].filter((owner) => step.fields.some((f) => f.owner === owner));
  return owners.map((owner) => {
    const fields = step.fields.filter((f) => f.owner === owner);
    const ticks = fields.filter((f) => ticked(step.fields, f));
    const value = (f: Field): string => (typedIn ? typedValue(typedIn, f, ticks.includes(f)) : valueOf(state, f, step.fields));
    const children = [
      ...fields.filter((f) => !ticks.includes(f)).map((f) => fieldOf(f, value(f), errors)),
      ...(ticks.length > 0 ? [tickBoxes(owner, ticks, value)] : []),
    ];
    if (owner === HOUSEHOLD || (owners.length === 1 && state.people.length === 1)) return h("div", { class: "form" }, ...children);
    return h("div", { class: "panel" }, h("fieldset", { class: "kern-fieldset finder__person" },
      h("legend", { class: "kern-label finder__who" }, personName(state, Number(owner.slice(1)))), ...children));
  });
}

function typedValue(data: FormData, f: Field, tick: boolean): string {
  if (tick) return data.getAll("ticks." + f.owner).includes(f.fact.id) ? "yes" : "no";
  return String(data.get(f.name) ?? "");
}

/** What has been answered. Most children have no income: there the nothing stands to be seen and changed. */
function valueOf(state: Answered, f: Field, fields: Field[]): string {
  const answers = state.facts[f.owner];
  if (answers && f.fact.id in answers) return typed(answers[f.fact.id]);
  const asksAsker = fields.some((other) => other.owner === id(0) && other.fact === f.fact);
  return f.fact.unit === "EUR/month" && state.isChild(f.owner) && asksAsker ? "0" : "";
}

/** Whether "none of these" is an answer to a question: it asks for more than one thing, and each can be nothing or no. */
export function mayBeNone(fields: Field[]): boolean {
  return new Set(fields.map((f) => f.fact)).size > 1 && fields.every((f) => f.fact.kind !== "choice" && f.fact.kind !== "postcode" && f.fact.min === 0);
}

function fieldOf(f: Field, value: string, errors: Errors): HTMLElement {
  const label = rule("fact." + f.fact.id), help = maybe(`fact.${f.fact.id}.help`);
  if (f.fact.kind !== "number" && f.fact.kind !== "postcode") {
    const options: [string, string][] = f.fact.kind === "bool" ? [["yes", t("finder.yes")], ["no", t("finder.no")]]
      : f.fact.options.map((o) => [o, rule(`option.${f.fact.id}.${o}`)]);
    return h("fieldset", { class: "kern-fieldset", id: f.name },
      h("legend", { class: "kern-label" }, label), help && h("div", { class: "kern-hint" }, help),
      h("div", { class: "kern-fieldset__body" + (f.fact.kind === "bool" ? " kern-fieldset__body--horizontal" : "") },
        ...options.map(([o, words]) => radio(f.name, o, words, o === value)), radio(f.name, "", t("finder.unknown"), false)));
  }
  const describes = [help && f.name + "-hint", errors[f.name] && f.name + "-error"].filter(Boolean).join(" ") || undefined;
  return box(errors, f.name, h("label", { class: "kern-label", for: f.name }, label), help && h("div", { class: "kern-hint", id: f.name + "-hint" }, help),
    h("div", { class: "finder__amount" },
      h("input", {
        class: "kern-form-input__input narrow", id: f.name, name: f.name, value, inputmode: f.fact.kind === "postcode" ? "numeric" : "text", maxlength: 40, autocomplete: "off", dir: "ltr",
        "aria-describedby": describes, "aria-invalid": errors[f.name] ? "true" : undefined,
      }), unit(f.fact.unit) && h("span", { class: "finder__unit" }, unit(f.fact.unit))));
}

function radio(name: string, value: string, label: string, checked: boolean): HTMLElement {
  const own = `${name}=${value}`;
  return h("div", { class: "kern-form-check" },
    h("input", { class: "kern-form-check__radio", type: "radio", id: own, name, value, checked }), h("label", { class: "kern-label", for: own }, label));
}

function tickBoxes(owner: string, ticks: Field[], value: (f: Field) => string): HTMLElement {
  return h("fieldset", { class: "kern-fieldset" }, h("legend", { class: "kern-label" }, t("finder.ticks")),
    h("div", { class: "kern-fieldset__body" }, ...ticks.map((f) => h("div", { class: "kern-form-check" },
      h("input", { class: "kern-form-check__checkbox", type: "checkbox", id: f.name, name: "ticks." + owner, value: f.fact.id, checked: value(f) === "yes" }),
      h("label", { class: "kern-label", for: f.name }, rule("fact." + f.fact.id))))));
}

/** Reads the answers to the fields of a question. What is left empty is "not known". */
export function readAnswers(data: FormData, fields: Field[]): { answers: Map<Field, Answer>; errors: Errors } {
  const answers = new Map<Field, Answer>(), errors: Errors = {};
  for (const f of fields) {
    const text = typedValue(data, f, ticked(fields, f)).trim();
    const answer = text === "" ? null : read(f, text);
    if (answer === undefined) errors[f.name] = f.fact.kind === "postcode" ? "postcode_invalid" : "number_unclear";
    else if (outside(f, answer)) errors[f.name] = "out_of_range";
    else answers.set(f, answer);
  }
  return { answers, errors };
}

/** One answer that is not empty; undefined when it cannot be read. */
function read({ fact }: Field, text: string): Answer | undefined {
  if (fact.kind === "number") return parseAmount(text);
  if (fact.kind === "postcode") return parsePostcode(text);
  return fact.kind === "bool" ? text === "yes" : text;
}

function outside({ fact }: Field, a: Answer): boolean {
  if (fact.kind !== "number" || a === null) return false;
  const [low, high] = typeof a === "object" ? [a.low, a.high] : [Number(a), Number(a)];
  return low < fact.min || high > fact.max;
}
