// The conversation log: role=log on a wrapper (a list may not carry it), empty
// when it appears, history put in while aria-busy, own lines not read back.
import { fill, h, say, show } from "./dom";
import { moment } from "./team_format";
import { button, icon } from "./team_kern";
import type { Entry } from "./team_model";
import { clock, t } from "./texts";

/** Marks tell how far the other side has come: positions in the conversation. */
export interface Marks {
  delivered: number;
  read: number;
}

/** LogView shows the entries of one conversation. */
export class LogView {
  readonly root: HTMLDivElement;
  readonly #list = h("ol", { class: "team-log__list" });
  #items = new Map<string, HTMLLIElement>();
  #day = "";

  constructor(label: string, private readonly again: (id: string) => void) {
    this.root = h("div", { class: "team-log", role: "log", "aria-label": label, tabindex: 0 }, this.#list);
  }

  /** history replaces everything by what was there before; it is not announced. */
  history(entries: readonly Entry[], marks: Marks): void {
    this.root.setAttribute("aria-busy", "true");
    this.#items.clear();
    this.#day = "";
    fill(this.#list);
    for (const entry of entries) this.put(entry, marks);
    this.root.removeAttribute("aria-busy");
    this.bottom();
  }

  /** put adds an entry or renews the one with the same id. */
  put(entry: Entry, marks: Marks): void {
    const near = this.#nearBottom();
    let item = this.#items.get(entry.id);
    if (!item) {
      this.#divide(entry);
      item = h("li", { class: "team-line team-line--" + entry.who + (entry.broken ? " team-line--broken" : ""), "aria-live": entry.who === "me" ? "off" : null });
      this.#items.set(entry.id, item);
      this.#list.append(item);
      paint(item, entry, this.again);
    }
    mark(item, entry, marks);
    if (near || entry.who === "me") this.bottom();
  }

  /** mark renews the small words under the own entries. */
  mark(entries: readonly Entry[], marks: Marks): void {
    for (const entry of entries) {
      const item = this.#items.get(entry.id);
      if (item && entry.who === "me") mark(item, entry, marks);
    }
  }

  /** bottom scrolls to the newest entry. */
  bottom(): void {
    this.root.scrollTop = this.root.scrollHeight;
  }

  #divide(entry: Entry): void {
    const day = new Date(entry.at || Date.now()).toDateString();
    if (this.#day !== "" && day !== this.#day) {
      this.#list.append(h("li", { class: "team-line team-line--day", "aria-live": "off" }, moment(entry.at || Date.now())));
    }
    this.#day = day;
  }

  #nearBottom(): boolean {
    return this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight < 80;
  }
}

function paint(item: HTMLLIElement, entry: Entry, again: (id: string) => void): void {
  const time = h("time", { class: "team-line__time", datetime: entry.at || null });
  const head = h("span", { class: "team-line__head" }, h("b", { class: "team-line__who" }, entry.name), " ", time);
  const foot = entry.who === "me" ? h("span", { class: "team-line__mark" }) : null;
  const retry = entry.who === "me" ? button(t("team.log.again"), () => again(entry.id), { small: true }) : null;
  retry?.classList.add("team-line__again");
  fill(item, entry.who === "remark" ? null : head, body(entry), foot, retry);
}

function body(entry: Entry): HTMLElement {
  if (!entry.broken) return h("p", { class: "team-line__text", dir: "auto" }, entry.text);
  return h(
    "p",
    { class: "team-line__broken" },
    icon("warning"),
    h("span", {}, t("team.broken." + entry.broken, { n: entry.count ?? 1 })),
  );
}

function mark(item: HTMLLIElement, entry: Entry, marks: Marks): void {
  const time = item.querySelector("time");
  if (time && entry.at) {
    time.setAttribute("datetime", entry.at);
    say(time, clock(entry.at));
  }
  const foot = item.querySelector(".team-line__mark");
  if (foot) say(foot, t("team.mark." + progress(entry, marks)));
  const retry = item.querySelector<HTMLElement>(".team-line__again");
  if (retry) show(retry, entry.progress === "failed");
  item.classList.toggle("team-line--failed", entry.progress === "failed");
}

/** progress is the furthest honest word for an own entry. */
export function progress(entry: Entry, marks: Marks): "sending" | "failed" | "sent" | "delivered" | "read" {
  if (entry.progress === "failed") return "failed";
  if (entry.seq === 0) return "sending";
  if (entry.seq <= marks.read) return "read";
  return entry.seq <= marks.delivered ? "delivered" : "sent";
}
