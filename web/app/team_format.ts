// Times, spans, languages and short names as a person reads them.
import { topicNames } from "./team_data";
import { clock, t } from "./texts";

const locale = (): string => document.documentElement.lang || "de";

/** moment gives day and time of an instant. */
export function moment(at: string | number | Date): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

/** soon gives only the time for today, otherwise weekday and time. */
export function soon(at: string | number): string {
  const day = new Date(at);
  if (day.toDateString() === new Date().toDateString()) return clock(day);
  return new Intl.DateTimeFormat(locale(), { weekday: "short", day: "numeric", month: "numeric", hour: "2-digit", minute: "2-digit" }).format(day);
}

/** waited tells how long ago an instant was, in whole minutes or hours. */
export function waited(since: string, now: number): string {
  const minutes = Math.max(0, Math.floor((now - Date.parse(since)) / 60_000));
  if (minutes < 1) return t("team.time.now");
  if (minutes < 90) return t("team.time.minutes", { n: minutes });
  if (minutes < 48 * 60) return t("team.time.hours", { n: Math.round(minutes / 60) });
  return t("team.time.days", { n: Math.round(minutes / 1440) });
}

/** language gives the name of a language in the language of the page. */
export function language(code: string): string {
  try {
    return new Intl.DisplayNames([locale()], { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/**
 * tag is the short name of an anonymous conversation: the last four characters
 * of its id, kept together and left to right in every language.
 */
export function tag(conversation: string): string {
  return "\u2066#" + conversation.slice(-4).toUpperCase() + "\u2069";
}

/** topicName gives the name of a topic in the language of the page. */
export function topicName(id: string): string {
  return topicNames()[id] ?? id;
}
