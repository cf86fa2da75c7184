/**
 * Whether somebody is there, in the words of the page. The sentences are the
 * same that the server renders (web/here.go), so that a pushed change reads like
 * the first view.
 */
import { t } from "./texts";

/** The answer of GET /api/v1/availability. */
export interface Availability {
  state: "free" | "queue" | "full" | "closed" | "unknown";
  position: number;
  wait_s: { low: number; high: number };
  opens_at: string | null;
}

const ZONE = "Europe/Berlin";

/** The sentences for an availability, the first one the state itself. */
export function describe(a: Availability, now = new Date()): string[] {
  return a.state === "free" || a.state === "queue" ? brief(a, now) : [...brief(a, now), t("public.here.write")];
}

/** The same without what to do. */
export function brief(a: Availability, now = new Date()): string[] {
  const lines = [t("public.here." + a.state)];
  if (a.state === "queue") {
    lines.push(t("public.here.position", { position: a.position }));
    if (a.wait_s.high > 0) lines.push(wait(a.wait_s.low, a.wait_s.high));
  }
  if ((a.state === "closed" || a.state === "full") && a.opens_at) lines.push(t("public.here.opens", { when: when(new Date(a.opens_at), now) }));
  return lines;
}

function wait(lowS: number, highS: number): string {
  const low = Math.max(1, Math.ceil(lowS / 60));
  return t("public.here.wait", { low, high: Math.max(Math.ceil(highS / 60), low + 1) });
}

/** A moment as people say it: today from 14:00, tomorrow from 9:00, Monday 30.11. from 9:00. */
export function when(at: Date, now: Date): string {
  const time = part(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const days = dayNumber(at) - dayNumber(now);
  if (days === 0) return t("common.when.today", { time });
  if (days === 1) return t("common.when.tomorrow", { time });
  const weekday = t("common.weekday." + new Date(dayNumber(at) * 86_400_000).getUTCDay());
  return t("common.when.day", { weekday, date: part(at, { day: "numeric", month: "numeric" }), time });
}

function part(at: Date, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat("de", { timeZone: ZONE, ...options }).format(at);
}

/** Days since 1970 of the date that at falls on in Germany. */
function dayNumber(at: Date): number {
  const date = new Intl.DateTimeFormat("en-CA", { timeZone: ZONE, year: "numeric", month: "2-digit", day: "2-digit" });
  return Date.parse(date.format(at) + "T00:00:00Z") / 86_400_000;
}
