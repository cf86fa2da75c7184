/**
 * Help beside the composer when words speak of danger. The check happens here;
 * the server learns one bit, and only when the person presses the button.
 */
import { dangers, type Danger } from "./crisis";
import { one, show } from "./dom";

/** How long typing rests before the text is looked at, milliseconds. */
const PAUSE = 500;

export class Crisis {
  private seen = new Set<Danger>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private marked = false;

  /** mark tells the server that the conversation is urgent. */
  constructor(private mark: () => void, private announce: (text: string) => void) {
    one("#chat-crisis-yes").addEventListener("click", () => this.urgent());
    one("#chat-crisis-no").addEventListener("click", () => show(one("#chat-crisis-ask"), false));
    one("#chat-crisis-close").addEventListener("click", () => this.close());
  }

  /** Whether the person has asked to be marked as urgent. */
  get isMarked(): boolean {
    return this.marked;
  }

  /** Looks at what is being written, when the typing rests. */
  watch(text: string): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(text), PAUSE);
  }

  /** Looks at a text now. Help opens once for each kind of danger. */
  look(text: string): void {
    clearTimeout(this.timer);
    const fresh = dangers(text).filter((d) => !this.seen.has(d));
    if (fresh.length === 0) return;
    for (const danger of fresh) this.seen.add(danger);
    this.open([...this.seen]);
  }

  /** Opens the panel with all numbers, because the person asked for it. */
  ask(): void {
    this.open(["life", "violence", "medical"]);
    one("#chat-crisis-heading").focus();
  }

  private open(kinds: readonly Danger[]): void {
    for (const part of document.querySelectorAll<HTMLElement>("#chat-crisis [data-danger]")) {
      const fits = part.dataset.danger!.split(" ").some((d) => kinds.includes(d as Danger));
      if (fits) show(part, true);
    }
    show(one("#chat-crisis-ask"), !this.marked);
    show(one("#chat-crisis"), true);
    this.announce(one("#chat-crisis-heading").textContent ?? "");
  }

  private urgent(): void {
    this.marked = true;
    this.mark();
    show(one("#chat-crisis-ask"), false);
    show(one("#chat-crisis-marked"), true);
    one("#chat-crisis-heading").focus();
  }

  private close(): void {
    show(one("#chat-crisis"), false);
    one("#chat-message").focus();
  }
}
