/**
 * Finds words that speak of danger in a text, inside the browser.
 *
 * The text stays here: the matcher calls nothing and keeps nothing. It errs on
 * the side of showing help, and it never decides anything: a person reads the
 * numbers and chooses whether to mark the conversation as urgent.
 */
import { PHRASES, type Danger } from "./crisis_words";

export type { Danger } from "./crisis_words";

/** One word of a phrase: any of several forms, each exact or a beginning. */
type Word = { forms: string[]; starts: string[] } | "gap";
interface Phrase { danger: Danger; words: Word[] }

/** How many words a gap (`_`) may span. */
const GAP = 3;

let compiled: Phrase[] | undefined;

/** The dangers that text speaks of, in a fixed order; empty for none. */
export function dangers(text: string): Danger[] {
  compiled ??= PHRASES.flatMap(([danger, list]) => list.split(",").map((p) => compile(danger, p)));
  const words = split(text);
  const found = new Set<Danger>();
  for (const phrase of compiled) {
    if (!found.has(phrase.danger) && occurs(phrase.words, words)) found.add(phrase.danger);
  }
  return (["life", "violence", "medical"] as const).filter((d) => found.has(d));
}

/** Words of text without case, accents, vowel marks and typing variants. */
export function split(text: string): string[] {
  const plain = text.toLowerCase().normalize("NFKD")
    .replace(/[\p{M}\u0640\u200c\u200d'’ʼ]/gu, "")
    .replace(/ß/g, "ss").replace(/ı/g, "i").replace(/ł/g, "l")
    .replace(/([aou])e/g, "$1")
    .replace(/[ىی]/g, "ي").replace(/ک/g, "ك").replace(/ة/g, "ه");
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

function compile(danger: Danger, phrase: string): Phrase {
  const words = phrase.trim().split(/\s+/).map((w): Word => {
    if (w === "_") return "gap";
    const forms = w.split("|");
    return {
      forms: forms.filter((f) => !f.endsWith("*")).map(fold),
      starts: forms.filter((f) => f.endsWith("*")).map(fold),
    };
  });
  return { danger, words };
}

function fold(form: string): string {
  return split(form).join("");
}

function occurs(phrase: Word[], text: string[]): boolean {
  return text.some((_, at) => matches(phrase, 0, text, at));
}

function matches(phrase: Word[], p: number, text: string[], at: number): boolean {
  if (p === phrase.length) return true;
  const word = phrase[p]!;
  if (word === "gap") {
    for (let skip = 0; skip <= GAP; skip++) if (matches(phrase, p + 1, text, at + skip)) return true;
    return false;
  }
  const here = text[at];
  if (here === undefined || !fits(word, here)) return false;
  return matches(phrase, p + 1, text, at + 1);
}

function fits(word: Exclude<Word, "gap">, here: string): boolean {
  return word.forms.includes(here) || word.starts.some((s) => here.startsWith(s));
}
