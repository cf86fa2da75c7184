/** How long "is writing" holds without being said again, milliseconds. */
const LIFE = 6_000;

/**
 * Who is writing, as the other side sees it. It goes out by itself: the word
 * that somebody has stopped may get lost.
 */
export class Typing {
  /** "" while nobody writes. */
  who = "";
  private end: ReturnType<typeof setTimeout> | undefined;

  constructor(private changed: (who: string) => void) {}

  /** Somebody writes, or with "" nobody does any more. */
  heard(who: string): void {
    clearTimeout(this.end);
    if (who) this.end = setTimeout(() => this.heard(""), LIFE);
    if (who === this.who) return;
    this.who = who;
    this.changed(who);
  }
}
