/**
 * The texts of the page, which the template renders as JSON beside the script
 * (part_texts), and times and numbers as the reader writes them.
 */

type Args = Record<string, string | number>;

let table: Record<string, string> | undefined;

function texts(): Record<string, string> {
  table ??= JSON.parse(document.getElementById("texts")?.textContent || "{}") as Record<string, string>;
  return table;
}

/**
 * The language of the page, for Intl. Persian readers here get letters with the
 * dates of this country, so its calendar and digits hold for them as well.
 */
export const lang = (): string => document.documentElement.lang.replace(/^fa$/, "fa-u-ca-gregory-nu-latn") || "de";

/**
 * The text of key with its {placeholders} filled; the argument n chooses the
 * plural form. A key without text is shown as it is, so that a test sees it.
 */
export function t(key: string, args: Args = {}): string {
  return (pick(key, args) ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = args[name];
    return typeof value === "number" ? number(value) : value ?? whole;
  });
}

function pick(key: string, args: Args): string | undefined {
  const all = texts();
  if (typeof args.n !== "number") return all[key];
  const form = new Intl.PluralRules(lang()).select(args.n);
  return all[`${key}.${form}`] ?? all[`${key}.other`] ?? all[key];
}

/** Whether the page has a text of this key. */
export function known(key: string): boolean {
  return texts()[key] !== undefined;
}

/** The sentence for an error code, or the general one. */
export function failure(code: string): string {
  return t(known("error." + code) ? "error." + code : "error.internal");
}

/** A number in the digits and grouping of the language. */
export function number(n: number): string {
  return new Intl.NumberFormat(lang()).format(n);
}

/** Hours and minutes. */
export function clock(at: string | Date): string {
  return new Intl.DateTimeFormat(lang(), { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

/** The time alone for today, otherwise with weekday and day. */
export function moment(at: string | Date): string {
  const day = new Date(at);
  if (day.toDateString() === new Date().toDateString()) return clock(day);
  return new Intl.DateTimeFormat(lang(), {
    weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit",
  }).format(day);
}

/** A length of time as people say it: in days when it is some whole ones, else in hours begun. */
export function span(seconds: number): { unit: "days" | "hours"; n: number } {
  const days = seconds / 86_400;
  if (days > 1 && Number.isInteger(days)) return { unit: "days", n: days };
  return { unit: "hours", n: Math.max(1, Math.ceil(seconds / 3600)) };
}
