/** The result in words, as web/template/part_finder_result.html has it. */
import { fill, h, type Child } from "../dom";
import { brief, describe, type Availability } from "../here";
import { t } from "../texts";
import { button, icon } from "./form";
import { amount } from "./number";
import type { Access, Benefit, BenefitResult, BundleResult, Reason, Result, State, Where } from "./rules";
import { day, levelRange, maybe, money, pays, rule, unit } from "./words";
import { carry } from "../carried";

/** What the result stands beside. */
export interface Beside {
  benefits: Benefit[];
  topics: Record<string, string>;
  here: Record<string, Availability>; // by topic
  chat: string; // address of the chat
  centres: string; // address of the page of centres
  postcode: string; // as answered, or empty
}

/** A state as the page shows it: doubt is unclear where the law is clear and our figures are not certain. */
type Shown = State | "doubt";

const ORDER: Shown[] = ["likely_yes", "other_first", "from_date", "depends", "unclear", "doubt", "received", "likely_no"];
/** The order in which counsel is needed. A refusal comes late: most of what is refused concerns nobody in the household. */
const COUNSEL: Shown[] = ["unclear", "doubt", "depends", "likely_yes", "other_first", "from_date", "likely_no", "received"];

const shownAs = (b: BenefitResult): Shown => (b.state === "unclear" && !b.law ? "doubt" : b.state);
/** The answer is no, for now or with a doubt. */
const refused = (b: BenefitResult): boolean => ["likely_no", "from_date", "doubt"].includes(shownAs(b));
const verdict = (state: Shown): string => (state === "doubt" ? t("finder.doubt") : rule("state." + state));
const inOrder = (order: Shown[], { benefits }: Result): BenefitResult[] => order.flatMap((state) => benefits.filter((b) => shownAs(b) === state));

export function resultView(result: Result, beside: Beside, onCheck: () => void): Child[] {
  const names = new Map(result.benefits.map((b) => [b.id, rule(b.name)]));
  const groups = ORDER.map((state) => inOrder([state], result)).filter((group) => group.length > 0);
  for (const group of groups) if (group[0]!.state === "depends") group.sort((a, b) => a.missing.length - b.missing.length); // what fewest answers would decide comes first
  const open = groups.filter((group) => ORDER.indexOf(group[0]!.state) < 3).length; // ways that exclude each other follow what is likely
  const keep = h("div", {}), { aside, choose } = counsel(result, beside), view = (group: BenefitResult[]): HTMLElement => groupView(group, beside, names, choose);
  return [
    h("h1", { class: "kern-heading-x-large", id: "finder-heading", tabindex: "-1" }, t("finder.result")),
    h("p", { class: "lead" }, t("finder.result_lead")),
    h("p", { class: "muted" }, t("finder.law_of", { date: day(result.date) }), " ", t("finder.no_advice")),
    placeView(result, beside.postcode),
    h("div", { class: "finder__result" },
      h("div", { class: "finder__benefits" },
        ...groups.slice(0, open).map(view),
        ...result.bundles.map((b) => bundleView(b, result, names)),
        ...groups.slice(open).map(view)),
      aside),
    h("div", { class: "finder__go finder__tools" },
      button("secondary", t("finder.to_check"), onCheck),
      button("secondary", t("finder.print"), () => print()),
      button("secondary", t("finder.take_along"), () => preview(keep, asText(result, names), beside.chat))),
    keep,
    h("p", { class: "muted" }, t("finder.keep")),
  ];
}

function groupView(group: BenefitResult[], beside: Beside, names: Map<string, string>, choose: (topic: string) => void): HTMLElement {
  const state = shownAs(group[0]!);
  return h("section", { "aria-labelledby": "group-" + state },
    h("h2", { class: "kern-heading-medium", id: "group-" + state }, t("finder.group." + state)),
    ...group.map((b) => {
      const { access, topic } = beside.benefits.find((one) => one.id === b.id)!;
      return card(b, access, names, help(state, topic, beside, choose));
    }));
}

/** The way to counsel about one benefit, more prominent where somebody might give up. */
function help(state: Shown, topic: string, { topics, here, centres }: Beside, choose: (topic: string) => void): HTMLElement {
  return h("p", { class: "finder__help" },
    ["unclear", "doubt", "likely_no"].includes(state) && h("b", {}, t("finder.ask"), " "),
    h("a", { class: "kern-link", href: `${centres}?topic=${topic}`, click: (e) => { e.preventDefault(); choose(topic); } }, t("finder.counsel_on", { topic: topics[topic]! })), " ",
    h("span", { class: "muted" }, brief(here[topic]!).join(" ")));
}

const hidden = (text: string): HTMLElement => h("span", { class: "kern-sr-only" }, " " + text);

function list(items: string[]): Child {
  return items.length > 0 && h("ul", { class: "kern-list" }, ...items.map((item) => h("li", {}, item)));
}

const paragraph = (text: string | undefined | false): Child => text && h("p", { class: "kern-body" }, text);

function card(b: BenefitResult, access: Benefit["access"], names: Map<string, string>, helped: HTMLElement): HTMLElement {
  const name = names.get(b.id)!, about = money(b.amount, b.unit);
  const missing = b.state === "depends" ? b.missing.map((q) => rule("question." + q)) : [];
  return h("article", { class: "panel finder__card finder__card--" + shownAs(b), id: "benefit-" + b.id },
    h("p", { class: "finder__state" }, verdict(shownAs(b)), !b.sure && b.state === "likely_yes" && " · " + t("finder.unsure")),
    h("h3", { class: "kern-heading-small" }, name),
    about && h("p", { class: "finder__money" }, about),
    paragraph(maybe(`benefit.${b.id}.about`)),
    paragraph(pays(b.pays)),
    paragraph(b.first && t("finder.first", { benefit: names.get(b.first)! })),
    paragraph(b.from && t("finder.from", { date: day(b.from) })),
    ...outcomes(b).map(paragraph),
    missing.length > 0 && h("details", { class: "finder__why" }, h("summary", {}, t("finder.missing", { n: missing.length }), hidden(name)), list(missing)),
    h("details", { class: "finder__why" }, h("summary", {}, t("finder.why"), hidden(name)),
      h("ul", { class: "finder__reasons" }, ...reasons(b).map(reasonView))),
    h("p", {}, h("a", { class: "kern-link", href: `leistungen/${b.id}`, target: "_blank", rel: "noopener" }, t("finder.more", { benefit: name }))),
    h("details", { class: "finder__why" }, h("summary", {}, t("finder.how"), hidden(name)), ...accessView(access, b.where ?? [])),
    helped);
}

function accessView({ office, level, link, documents, online }: Access, where: Where[]): Child[] {
  return [
    h("p", { class: "kern-body" }, t("finder.office"), " ", h("b", {}, rule("office." + office)), ` (${rule("level." + level)})`),
    list(where.map((w) => rule("where." + w.kind).replace("{name}", w.name))),
    where.some((w) => w.kind === "body" || w.kind === "children") && h("p", { class: "muted" }, t("finder.where_unsure")),
    level !== "federal" && h("p", { class: "kern-body" }, t("finder.any_office"), " ", h("span", { class: "muted", lang: "de", dir: "ltr" }, "§ 16 SGB I")),
    ...(documents?.length ? [paragraph(t("finder.bring")), list(documents.map((d) => rule("document." + d)))] : []),
    link && h("p", { class: "kern-body" }, h("a", { class: "kern-link", href: link, rel: "external noopener noreferrer", target: "_blank" },
      t("finder.apply", { host: new URL(link).host }))),
    ...onlineLines(online).map((text) => h("p", { class: "muted" }, text)),
  ];
}

/** How far an application goes online, in words. */
function onlineLines({ level, offer, reviewed }: Access["online"]): string[] {
  const claimed = offer !== "unknown";
  return [rule("online." + offer), ...(claimed ? [t("finder.as_of", { date: day(reviewed) })] : []), ...(claimed || level !== "unknown" ? [rule("ozg." + level)] : [])];
}

/** What the postcode says, for the person to see and to correct. */
function placeView({ place }: Result, postcode: string): Child {
  if (postcode === "") return undefined;
  if (!place) return paragraph(t("finder.place_unknown", { postcode }));
  const name = `${postcode} (${place.districts.map((d) => d.name).join(", ")})`;
  return paragraph([t("finder.place", { place: name }), place.used && t("finder.place_level", { level: levelRange(place.rent_level) }),
    place.districts.length > 1 && t("finder.place_several")].filter(Boolean).join(" "));
}

/** The conditions that speak for the state: those that fail when it is no, all otherwise. */
function reasons(b: BenefitResult): Reason[] {
  return b.reasons.filter((r) => !refused(b) || r.verdict === "no");
}

function reasonView(r: Reason): HTMLElement {
  const exact = r.value && r.limit && r.value.low === r.value.high && r.limit.low === r.limit.high && unit(r.unit);
  const detail = exact && t("finder.compared", { value: amount(r.value!.low), limit: amount(r.limit!.low), unit: exact });
  return h("li", { class: "finder__reason--" + r.verdict },
    h("span", { class: "finder__verdict" }, t("finder.verdict." + r.verdict)), " ", rule(r.text), " ",
    detail && h("span", {}, detail), detail && " ", h("span", { class: "muted", lang: "de", dir: "ltr" }, r.law));
}

/** What each reading of each uncertain point would give, where they differ. */
function outcomes(b: BenefitResult): string[] {
  return (b.law ?? []).flatMap((point) => {
    const ways = (b.outcomes ?? []).filter((o) => o.point === point);
    if (new Set(ways.map((o) => o.state)).size < 2) return [];
    const lines = ways.map((o, i) => {
      const outcome = [verdict(o.state), money(o.amount, b.unit)].filter(Boolean).join(", ");
      return t("finder.reading", { n: i + 1, outcome });
    });
    return [[rule("law." + point), ...lines].join(" ")];
  });
}

function bundleView(b: BundleResult, result: Result, names: Map<string, string>): Child {
  const open = new Set(result.benefits.filter((x) => !refused(x)).map((x) => x.id));
  const sides = b.options.map((o, i) => ({ ...o, benefits: o.benefits.filter((x) => open.has(x)), first: b.prefer === ["no", "yes"][i] }));
  if (sides.some((s, i) => s.benefits.every((x) => b.options[1 - i]!.benefits.includes(x)))) return undefined; // nothing open that the other way lacks
  const [one, two] = sides.map((s) => rule(`bundle.${b.id}.${s.id}`)), id = "bundle-" + b.id;
  return h("section", { class: "panel", "aria-labelledby": id },
    h("h2", { class: "kern-heading-medium", id }, t("finder.bundle.name", { one: one!, two: two! })),
    h("p", { class: "kern-body" }, t("finder.bundle.either"), " ", t("finder.bundle." + b.prefer)),
    h("div", { class: "finder__sides" }, ...sides.map((s) => h("div", { class: "finder__side" },
      h("h3", { class: "kern-heading-small" }, rule(`bundle.${b.id}.${s.id}`)),
      money(s.amount, "EUR/month") && h("p", { class: "finder__money" }, money(s.amount, "EUR/month")),
      list(s.benefits.map((x) => names.get(x)!)),
      s.first && h("p", { class: "muted" }, t("finder.bundle.first"))))));
}

/** Free counselling: whether somebody is there, and centres near a postcode; and how to choose the topic. */
function counsel(result: Result, { benefits, topics, here, chat, centres, postcode }: Beside): { aside: HTMLElement; choose(topic: string): void } {
  const ids = [...new Set(inOrder(COUNSEL, result).map((b) => benefits.find((one) => one.id === b.id)!.topic))];
  const found = h("div", { role: "status" }), now = h("div", {}, h("span", { class: "here__light", "aria-hidden": "true" }));
  const text = h("p", { class: "here__text", role: "status" });
  now.append(text);
  const look = (): void => {
    const a = here[select.value]!;
    now.className = "here here--" + a.state;
    now.dataset.state = a.state;
    fill(text, ...describe(a).flatMap((line) => [h("span", { class: "here__line" }, line), " "]));
  };
  const select = h("select", { class: "kern-form-input__select", id: "topic", name: "topic", change: look },
    ...ids.map((topic) => h("option", { value: topic }, topics[topic]!)));
  const form = h("form", { class: "stack", method: "get", action: centres, target: "_blank", id: "finder-centres", submit: (e) => {
    if ((e as SubmitEvent).submitter?.hasAttribute("formaction")) return; // into the chat
    e.preventDefault();
    void near(form, found, centres);
  } },
    h("div", { class: "kern-form-input" }, h("label", { class: "kern-label", for: "topic" }, t("finder.topic")),
      h("div", { class: "kern-form-input__select-wrapper" }, select)),
    h("div", { class: "kern-form-input" }, h("label", { class: "kern-label", for: "postcode" }, t("finder.postcode")),
      h("input", { class: "kern-form-input__input narrow", id: "postcode", name: "postcode", value: postcode, inputmode: "numeric", pattern: "[0-9]{5}", maxlength: 5, autocomplete: "off", dir: "ltr" })),
    button("secondary", t("finder.centres"), undefined), found, toChat(chat));
  look();
  const aside = h("aside", { class: "panel panel--warm finder__counsel", "aria-labelledby": "counsel" },
    h("h2", { class: "kern-heading-medium", id: "counsel" }, t("finder.counsel")),
    h("p", { class: "kern-body" }, t("finder.counsel_text")), now, form);
  return { aside, choose: (topic) => { select.value = topic; look(); select.focus(); } };
}

function toChat(chat: string): HTMLElement {
  const go = button("primary", t("finder.chat"), undefined);
  go.setAttribute("formaction", chat);
  return go;
}

/** Asks the server for the nearest centres: the only request, on a click, with topic and postcode alone. */
async function near(form: HTMLFormElement, found: HTMLElement, centres: string): Promise<void> {
  const data = new FormData(form);
  const query = new URLSearchParams({ topic: String(data.get("topic")), postcode: String(data.get("postcode")), limit: "3" });
  try {
    const answer = await fetch("/api/v1/centres?" + query, { credentials: "omit" });
    if (!answer.ok) throw new Error(String(answer.status));
    const { results } = (await answer.json()) as { results: { id: string; name: string; place: string }[] };
    found.replaceChildren(results.length === 0 ? h("p", {}, t("finder.centres_none"))
      : h("ul", { class: "kern-list" }, ...results.map((c) => h("li", {},
        h("a", { class: "kern-link", href: `${centres}/${c.id}`, target: "_blank", rel: "noopener", dir: "auto" }, c.name), " ", c.place))));
  } catch {
    found.replaceChildren(h("p", {}, t("finder.centres_failed")));
  }
}

/** The result as plain text, for a chat or a file. */
function asText(result: Result, names: Map<string, string>): string {
  const lines = inOrder(ORDER, result).map((b) => {
    const about = money(b.amount, b.unit);
    return `${names.get(b.id)}: ${verdict(shownAs(b))}${about ? ", " + about : ""}`;
  });
  return [t("finder.result"), t("finder.law_of", { date: day(result.date) }), "", ...lines].join("\n");
}

/** Shows what would be taken along; it is copied, or taken into the chat, on a second click. Until then nothing is stored, and nothing is sent. */
function preview(into: HTMLElement, text: string, chat: string): void {
  const area = h("textarea", { class: "kern-form-input__input", id: "finder-text", rows: 12, readonly: true }, text);
  const told = h("p", { role: "status" });
  const copy = async (): Promise<void> => {
    area.select();
    await navigator.clipboard.writeText(text).catch(() => undefined); // without leave the selected text is copied by keyboard
    told.textContent = t("finder.copied");
  };
  into.className = "panel panel--soft";
  into.replaceChildren(
    h("label", { class: "kern-label", for: "finder-text" }, t("finder.preview")), h("p", { class: "kern-body" }, t("finder.preview_text")), area,
    h("div", { class: "finder__go" }, button("secondary", t("finder.copy"), () => void copy(), icon("kern-icon--content-copy")),
      button("primary", t("finder.take"), () => carry(text, chat))),
    h("p", { class: "muted" }, t("finder.take_text")), told);
  area.focus();
}
