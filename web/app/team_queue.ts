// The left pane: the own conversations, the people who wait, and the messages
// left behind. Entries are buttons; arrows walk, Enter opens or takes.
import { fill, h, say, show } from "./dom";
import { language, topicName, waited } from "./team_format";
import { badge, button } from "./team_kern";
import { walkList } from "./team_keyboard";
import { KeyedList } from "./team_list";
import { t } from "./texts";
import type { QueueItem } from "./wire";

/** OpenItem is one own conversation in the list. */
export interface OpenItem {
  id: string;
  title: string;
  unread: number;
  typing: boolean;
  here: boolean;
  trouble: boolean;
  selected: boolean;
  closed: boolean;
}

/** QueueEvents is what the pane asks for. */
export interface QueueEvents {
  select(id: string): void;
  take(id: string): void;
  next(): void;
}

/** QueueView is the pane. */
export class QueueView {
  readonly root: HTMLElement;
  readonly #open: Section<OpenItem>;
  readonly #live: Section<QueueItem>;
  readonly #left: Section<QueueItem>;

  constructor(events: QueueEvents) {
    const next = button(t("team.queue.next"), () => events.next(), { weight: "primary", keys: "N" });
    this.#open = new Section(t("team.queue.open"), t("team.queue.open.none"), (item) => item.id, openMaker(events), paintOpen);
    this.#live = new Section(t("team.queue.live"), t("team.queue.live.none"), (item) => item.c, waitMaker(events), paintWait);
    this.#left = new Section(t("team.queue.left"), t("team.queue.left.none"), (item) => item.c, waitMaker(events), paintWait);
    this.root = h(
      "section",
      { class: "team-pane team-queue", tabindex: -1, "aria-label": t("team.region.queue"), "data-region": "queue" },
      this.#open.root, next, this.#live.root, this.#left.root,
    );
  }

  /** showOpen renews the own conversations. */
  showOpen(items: readonly OpenItem[]): void {
    this.#open.show(items);
  }

  /** showQueue renews both waiting lists. */
  showQueue(items: readonly QueueItem[]): void {
    this.#live.show(items.filter((item) => item.kind === "live"));
    this.#left.show(items.filter((item) => item.kind === "message"));
  }
}

class Section<T> {
  readonly root: HTMLElement;
  readonly #none: HTMLElement;
  readonly #count = h("span", { class: "team-count" });
  readonly #list: KeyedList<T, HTMLLIElement>;

  constructor(title: string, none: string, key: (item: T) => string, make: (key: string) => HTMLLIElement, update: (e: HTMLLIElement, item: T, index: number) => void) {
    const list = h("ol", { class: "team-list" });
    walkList(list);
    this.#none = h("p", { class: "kern-body kern-body--small kern-body--muted" }, none);
    this.#list = new KeyedList(list, key, make, update);
    this.root = h("div", { class: "team-section" }, h("h2", { class: "kern-heading-small" }, title, " ", this.#count), this.#none, list);
  }

  show(items: readonly T[]): void {
    this.#list.show(items);
    say(this.#count, items.length > 0 ? "(" + items.length + ")" : "");
    show(this.#none, items.length === 0);
  }
}

function row(act: () => void): HTMLLIElement {
  return h(
    "li",
    { class: "team-row" },
    h(
      "button",
      { class: "team-row__button", type: "button", "data-item": true, click: act },
      h("span", { class: "team-row__title" }),
      h("span", { class: "team-row__meta" }),
      h("span", { class: "team-row__badges" }),
    ),
  );
}

function openMaker(events: QueueEvents): (key: string) => HTMLLIElement {
  return (key) => row(() => events.select(key));
}

function waitMaker(events: QueueEvents): (key: string) => HTMLLIElement {
  return (key) => row(() => events.take(key));
}

function part(element: HTMLLIElement, name: string): HTMLElement {
  return element.querySelector<HTMLElement>(".team-row__" + name)!;
}

function paintOpen(element: HTMLLIElement, item: OpenItem): void {
  say(part(element, "title"), item.title);
  const state = item.typing ? t("team.typing") : t(item.closed ? "team.presence.closed" : item.here ? "team.presence.here" : "team.presence.gone");
  say(part(element, "meta"), state);
  const pressed = element.querySelector("button")!;
  if (item.selected) pressed.setAttribute("aria-current", "true");
  else pressed.removeAttribute("aria-current");
  const marks: Node[] = [];
  if (item.unread > 0) marks.push(badge(t("team.unread", { n: item.unread }), "info"));
  if (item.trouble) marks.push(badge(t("team.trouble"), "danger"));
  repaint(part(element, "badges"), marks);
}

function paintWait(element: HTMLLIElement, item: QueueItem): void {
  const live = item.kind === "live";
  const verb = t(live ? "team.queue.take" : "team.queue.answer");
  const title = (live ? item.position + ". " : "") + topicName(item.topic);
  say(part(element, "title"), title);
  say(part(element, "meta"), language(item.language) + " · " + t("team.waits", { time: waited(item.since, Date.now()) }));
  const marks: Node[] = item.urgent ? [badge(t("team.urgent"), "warning")] : [];
  if (item.writing) marks.push(badge(t("team.queue.writing"), "info"));
  marks.push(h("span", { class: "team-row__verb" }, verb));
  repaint(part(element, "badges"), marks);
}

/** repaint replaces badges only when their words change. */
function repaint(place: HTMLElement, marks: Node[]): void {
  const words = marks.map((node) => node.textContent).join("|");
  if (place.dataset.words === words) return;
  place.dataset.words = words;
  fill(place, ...marks);
}
