/** The card that says how things stand, and the line below it about the connection. */
import type { Action, Card, Say } from "./chat_state";
import { fill, h, one, say, show } from "./dom";
import { t } from "./texts";
import type { Line } from "./wire";

/** How long the spoken queue position rests, milliseconds. */
const REST = 30_000;

const PRIMARY: readonly Action[] = ["code", "requeue", "here", "anew", "retry"];

export class Panel {
  private heading = one("#chat-heading");
  private parts = { wait: one("#chat-wait"), text: one("#chat-text"), detail: one("#chat-detail") };
  private spoken = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private due = 0;
  private shown = "";

  constructor(private act: (a: Action) => void) {}

  /** Shows a card. Only a new heading is announced at once, everything else at most each 30 s. */
  show(card: Card): void {
    one("#chat-state").dataset.light = card.light;
    const news = words(card.heading);
    const changed = this.heading.textContent !== news;
    say(this.heading, news);
    for (const name of ["wait", "text", "detail"] as const) {
      say(this.parts[name], words(card[name]));
      show(this.parts[name], card[name] !== undefined);
    }
    this.buttons(card.actions);
    this.announce([card.heading, card.wait].map(words).filter(Boolean).join(". "), changed);
  }

  /** Says something once to those who listen. */
  speak(text: string): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.spoken = Date.now();
    say(one("#chat-announce"), text);
  }

  /** Moves the focus to the heading, after something the person did. */
  focus(): void {
    this.heading.focus();
  }

  private announce(text: string, now: boolean): void {
    if (text === this.shown) return;
    this.shown = text;
    const at = Math.max(Date.now(), now ? 0 : this.spoken + REST);
    if (this.timer !== undefined && this.due <= at) return; // what comes sooner will say it
    clearTimeout(this.timer);
    this.due = at;
    this.timer = setTimeout(() => this.speak(this.shown), at - Date.now());
  }

  private buttons(actions: Action[]): void {
    const box = one("#chat-actions");
    show(box, actions.length > 0);
    if (box.dataset.actions === actions.join()) return;
    box.dataset.actions = actions.join();
    const held = box.contains(document.activeElement);
    fill(box, ...actions.map((a) => this.button(a)));
    if (held) this.focus(); // the button that was pressed is gone
  }

  private button(action: Action): HTMLElement {
    const look = PRIMARY.includes(action) ? "primary" : "secondary";
    return h("button", { class: "kern-btn kern-btn--" + look, type: "button", id: "chat-act-" + action, click: () => this.act(action) },
      h("span", { class: "kern-label" }, t("chat.app.act." + action)));
  }
}

function words(s: Say | undefined): string {
  return s ? t(...s) : "";
}

/** The state of the connection, told only when there is something to tell. */
export class LineView {
  private was = "";

  constructor(hurry: () => void) {
    one("#chat-line-now").addEventListener("click", hurry);
  }

  /** Shows the line; waiting is the number of messages that are not yet sent. */
  show(line: Line["line"], waiting: number): void {
    const bad = line === "offline" || (line === "connecting" && this.was === "offline");
    const back = line === "online" && this.was === "offline";
    show(one("#chat-line"), bad || back);
    show(one("#chat-line-now"), line === "offline");
    one("#chat-line").dataset.line = line;
    if (bad) say(one("#chat-line-text"), waiting > 0 ? t("chat.app.offline_waiting", { n: waiting }) : t("chat.app.offline"));
    if (back) say(one("#chat-line-text"), t("chat.app.online"));
    if (line === "online") this.was = back ? "back" : "online";
    else if (line === "offline") this.was = "offline";
  }
}
