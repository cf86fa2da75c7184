/** Numbers as people write and read them. The same as web/finder_number.go. */
import type { Answer } from "./rules";

const BETWEEN = /\s*(?:–|—|\.\.+|\b(?:bis|to|ile|do)\b|до|إلى|تا|-)\s*/u;
const AROUND = /€|EUR|Euro|euro|євро|евро|یورو|يورو|ca\.|etwa|[ \u00a0\u202f'٬]/gu;
const GROUPED = /^\d{1,3}([.,]\d{3})+$/;

/** Reads a number or a range; undefined when the text is neither. */
export function parseAmount(text: string): Answer | undefined {
  const parts = text.trim().split(BETWEEN);
  const low = parseNumber(parts[0]!), high = parts.length === 2 ? parseNumber(parts[1]!) : low;
  if (low === undefined || high === undefined || parts.length > 2) return undefined;
  return parts.length === 1 ? low : { low: Math.min(low, high), high: Math.max(low, high) };
}

/** Western digits, without what people write around a number. */
const plain = (text: string): string =>
  text.replace(AROUND, "").replace(/[٠-٩]/g, (d) => String(d.charCodeAt(0) - 0x660)).replace(/[۰-۹]/g, (d) => String(d.charCodeAt(0) - 0x6f0));

/** Reads five digits, whichever digits and spaces they are written with; undefined when they are no postcode. */
export function parsePostcode(text: string): string | undefined {
  const code = plain(text);
  return /^[0-9]{5}$/.test(code) ? code : undefined;
}

/** Three digits after a single mark are thousands, anything else after it is cents. */
export function parseNumber(text: string): number | undefined {
  let digits = plain(text).replace(/٫/g, ",");
  if (GROUPED.test(digits)) digits = digits.replace(/[.,]/g, "");
  const at = Math.max(digits.lastIndexOf("."), digits.lastIndexOf(","));
  if (at >= 0) digits = digits.slice(0, at).replace(/[.,]/g, "") + "." + digits.slice(at + 1);
  return digits.length <= 15 && /^\d+\.?\d*$|^\.\d+$/.test(digits) ? Number(digits) : undefined;
}

/** What parts thousands and cents; the other languages write as German does. */
const MARKS: Record<string, [string, string]> = {
  en: [",", "."], ar: [",", "."], fa: [",", "."], uk: ["\u00a0", ","], ru: ["\u00a0", ","], pl: ["\u00a0", ","],
};

/** A number with the groups of the language: whole, or with two digits. */
export function amount(x: number, lang = document.documentElement.lang): string {
  const [group, point] = MARKS[lang] ?? [".", ","];
  const cents = Math.floor(x * 100 + 0.5), rest = cents % 100;
  const whole = String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+$)/g, group);
  return rest ? whole + point + String(100 + rest).slice(1) : whole;
}

/** An answer as a person would type it. */
export function typed(a: Answer | undefined): string {
  if (a === null || a === undefined) return "";
  if (typeof a === "boolean") return a ? "yes" : "no";
  if (typeof a === "string") return a;
  return typeof a === "number" ? amount(a) : `${amount(a.low)}–${amount(a.high)}`;
}
