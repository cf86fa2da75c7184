/**
 * The visible conversation: a list inside role=log that stands empty in the
 * page. Each line is one item with sender and time as text. Own lines are not
 * read back; the history is put in while the log is busy.
 */
import type { Line } from "./chat_seat";
import { fault } from "./chat_transcript";
import { fill, h, say } from "./dom";
import { clock, lang, t } from "./texts";

export type Sending = "sending" | "failed";

export class Log {
  private pending = new Map<string, HTMLLIElement>();
  private day = "";
  private locked = false;

  constructor(private box: HTMLElement, private list: HTMLElement) {}

  /** Puts in what was there before, without announcing it. */
  history(lines: readonly Line[]): void {
    this.box.setAttribute("aria-busy", "true");
    for (const line of lines) this.add(line);
    this.box.removeAttribute("aria-busy");
    this.bottom();
  }

  /** Adds one verified line, or puts a sent one in its place. */
  add(line: Line): void {
    if (line.content?.kind === "name" || (line.kind === "locked" && this.locked)) return this.settle(line.id);
    this.locked ||= line.kind === "locked";
    const near = this.nearBottom();
    this.settle(line.id);
    this.divide(line.at);
    this.insert(line.kind === "message" ? textItem(line) : faultItem(line));
    if (near || line.mine) this.bottom();
  }

  /** Adds a remark of the page itself, such as who came. */
  note(text: string): void {
    const near = this.nearBottom();
    this.insert(h("li", { class: "chat-item chat-item--note" }, h("p", { class: "kern-body kern-body--small" }, text)));
    if (near) this.bottom();
  }

  /** Shows own words that are on their way. */
  sending(id: string, text: string): void {
    const item = h("li", { class: "chat-item chat-item--mine", "aria-live": "off" },
      head(t("chat.app.me"), ""), body(text), mark(t("chat.app.sending")));
    this.pending.set(id, item);
    this.list.append(item);
    this.bottom();
  }

  /** Own words were refused: they stay, with a way to try again. */
  failed(id: string, why: string, again: () => void): void {
    const item = this.pending.get(id);
    if (!item) return;
    item.classList.add("chat-item--failed");
    item.querySelector(".chat-item__mark")?.remove();
    const button = h("button", { class: "kern-btn kern-btn--tertiary", type: "button", click: () => { this.settle(id); again(); } },
      h("span", { class: "kern-label" }, t("chat.app.again_send")));
    item.append(h("p", { class: "chat-item__mark", role: "alert" }, why), button);
  }

  /** Removes everything. */
  clear(): void {
    fill(this.list);
    this.pending.clear();
    this.day = "";
  }

  bottom(): void {
    this.box.scrollTop = this.box.scrollHeight;
  }

  private settle(id: string): void {
    this.pending.get(id)?.remove();
    this.pending.delete(id);
  }

  /** What is on its way stays below what has arrived. */
  private insert(item: HTMLElement): void {
    const [first] = this.pending.values();
    this.list.insertBefore(item, first ?? null);
  }

  private divide(at: string): void {
    const day = new Date(at).toDateString();
    if (this.day && day !== this.day) {
      const name = new Intl.DateTimeFormat(lang(), { dateStyle: "full" }).format(new Date(at));
      this.insert(h("li", { class: "chat-item chat-item--note", "aria-live": "off" }, h("p", { class: "kern-body kern-body--small" }, name)));
    }
    this.day = day;
  }

  private nearBottom(): boolean {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 120;
  }
}

function textItem(line: Line): HTMLLIElement {
  const who = line.mine ? t("chat.app.me") : line.name || t("chat.app.team");
  return h("li", { class: "chat-item chat-item--" + (line.mine ? "mine" : "theirs"), "aria-live": line.mine ? "off" : null },
    head(who, line.at), body(line.content?.text ?? t("chat.app.unknown_kind")), line.mine && mark(t("chat.app.sent")));
}

function faultItem(line: Line): HTMLLIElement {
  return h("li", { class: "chat-item chat-item--fault" }, h("p", { class: "kern-body" },
    h("span", { class: "kern-icon kern-icon--warning", "aria-hidden": "true" }), " ", fault(line)));
}

function head(who: string, at: string): HTMLElement {
  const time = at ? h("time", { datetime: at }, clock(at)) : null;
  return h("p", { class: "chat-item__head" }, h("bdi", { class: "chat-item__who" }, who), time && " · ", time);
}

function body(text: string): HTMLElement {
  return h("p", { class: "chat-item__text", dir: "auto" }, text);
}

function mark(text: string): HTMLElement {
  const p = h("p", { class: "chat-item__mark" });
  say(p, text);
  return p;
}
