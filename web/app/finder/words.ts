/** The texts of the rules, and how people and values are called. */
import { t } from "../texts";
import { amount, typed } from "./number";
import type { FactDef } from "./compile";
import type { Answer, Range } from "./rules";
import { known } from "../texts";
import type { Answered } from "./state";

let texts: Record<string, string> = {};

export function useTexts(all: Record<string, string>): void { texts = all; }

/** A text of the rules; the key itself when there is none. */
export const rule = (key: string): string => texts[key] ?? key;
export const maybe = (key: string): string | undefined => texts[key];

export function unit(name: string | undefined): string {
  const key = "finder.unit." + (name ?? "").toLowerCase().replaceAll("/", "_");
  return known(key) ? t(key) : "";
}

/** How a person is called: you, partner, child (2019). */
export function personName(state: Answered, i: number): string {
  const { relation, birth } = state.people[i]!;
  const name = t("finder.person." + (i === 0 ? "self" : relation.split("_")[0]));
  return i > 0 && birth ? `${name} (${birth.slice(0, 4)})` : name;
}

/** An answer as the list of answers shows it. */
export function inWords(f: FactDef, a: Answer | undefined): string {
  const text = typed(a);
  if (text === "") return t("finder.skipped.unknown");
  if (f.kind === "bool") return t("finder." + text);
  if (f.kind === "choice") return rule(`option.${f.id}.${text}`);
  return `${text} ${unit(f.unit)}`.trim();
}

/** A rent level, or the range of those that are possible. */
export const levelRange = ({ low, high }: Range): string => (low === high ? String(low) : `${low}–${high}`);

const SAYS_NOTHING = 4_000; // an upper end that tells nobody anything when the lower is 0
const TOO_WIDE = 4; // a range whose upper end is more than this many times the lower, and tells nothing

/** An amount: about so much, so much to so much, up to so much. */
export function money(range: Range | undefined, per: string): string {
  if (!range || range.high < 0.5 || (range.low < 1 && range.high > SAYS_NOTHING)) return "";
  const low = Math.floor(range.low + 0.5), high = Math.floor(range.high + 0.5);
  const open = high > SAYS_NOTHING && high > TOO_WIDE * low;
  const key = low === high ? "about" : low === 0 ? "upto" : open ? "atleast" : "range";
  return t("finder.amount." + key, { low: amount(low), high: amount(high), unit: unit(per) });
}

/** In words what the person pays for a benefit. */
export function pays(range: Range | undefined): string {
  if (range && range.high < 0.5) return t("finder.pays_nothing");
  const sum = money(range, "EUR/month");
  return sum && t("finder.pays", { amount: sum });
}

export const day = (date: string): string => date.split("-").map(Number).reverse().join(".");
