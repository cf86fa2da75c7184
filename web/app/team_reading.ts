// What this person has seen. The positions stay in the tab, so that a reload
// does not make everything new again; they say nothing about the content.
import type { Talk } from "./team_talk";

const PLACE = "lotse-read";

/** Reading remembers the last position seen in each conversation. */
export class Reading {
  #seen: Record<string, number> = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");

  /** unread counts what the seeker has written since. */
  unread(talk: Talk): number {
    const seen = this.#seen[talk.id] ?? 0;
    return talk.entries.filter((entry) => entry.seq > seen && (entry.who === "seeker" || entry.broken === "altered" || entry.broken === "missing")).length;
  }

  /** saw notes that everything of a conversation was in front of the person; true when that is news. */
  saw(talk: Talk): boolean {
    if (talk.last <= (this.#seen[talk.id] ?? 0)) return false;
    this.#seen[talk.id] = talk.last;
    sessionStorage.setItem(PLACE, JSON.stringify(this.#seen));
    return true;
  }
}
