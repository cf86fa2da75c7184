// An offer: one person waits for this counsellor's answer. The card does not
// take the focus (somebody may be writing); it is announced once, F6 leads to
// it, A accepts, and the remaining seconds stand there without being read out.
import { h, say } from "./dom";
import { language, topicName, waited } from "./team_format";
import { badge, button, facts } from "./team_kern";
import { t } from "./texts";
import type { OfferFrame } from "./wire";

/** OfferEvents is the answer. */
export interface OfferEvents {
  accept(id: string): void;
  decline(id: string): void;
  /** The time ran out without an answer. */
  missed(id: string): void;
}

/** OfferView holds the cards; offers are rare, more than one at a time rarer. */
export class OfferView {
  readonly root = h("div", { class: "team-offers" });
  readonly #announce = h("p", { class: "kern-sr-only", role: "alert" });
  #cards = new Map<string, Card>();

  constructor(private readonly events: OfferEvents, private readonly skew: () => number) {
    this.root.append(this.#announce);
    setInterval(() => this.#tick(), 1_000);
  }

  /** show adds a card or renews it. Returns true when the offer is new. */
  show(offer: OfferFrame): boolean {
    if (this.#cards.has(offer.c)) return false;
    const card = new Card(offer, this.events, this.skew);
    this.#cards.set(offer.c, card);
    this.root.append(card.root);
    say(this.#announce, t("team.offer.announce", { topic: topicName(offer.topic) }));
    return true;
  }

  /** drop takes a card away: answered, taken by someone else, or timed out. */
  drop(id: string): void {
    this.#cards.get(id)?.root.remove();
    this.#cards.delete(id);
    if (this.#cards.size === 0) say(this.#announce, "");
  }

  /** first is the oldest open offer. */
  first(): { id: string; root: HTMLElement } | null {
    const next = this.#cards.entries().next();
    return next.done ? null : { id: next.value[0], root: next.value[1].root };
  }

  #tick(): void {
    for (const [id, card] of this.#cards) {
      if (card.tick() > 0) continue;
      this.drop(id);
      this.events.missed(id);
    }
  }
}

class Card {
  readonly root: HTMLElement;
  readonly #left = h("span", { class: "team-offer__left", "aria-hidden": "true" });
  readonly #bar: HTMLProgressElement;
  readonly #whole: number;

  constructor(private readonly offer: OfferFrame, events: OfferEvents, private readonly skew: () => number) {
    this.#whole = Math.max(1, this.#seconds());
    this.#bar = h("progress", { class: "team-offer__bar", max: this.#whole, value: this.#whole, "aria-label": t("team.offer.deadline") });
    this.root = h(
      "section",
      { class: "team-offer", tabindex: -1, "aria-label": t("team.region.offer"), "data-region": "offer" },
      h("h2", { class: "kern-heading-small" }, t("team.offer.title"), " ", offer.urgent ? badge(t("team.urgent"), "warning") : null),
      facts([
        [t("team.fact.topic"), topicName(offer.topic)],
        [t("team.fact.language"), language(offer.language)],
        [t("team.fact.waiting"), waited(offer.since, Date.now() + skew())],
      ]),
      h("p", { class: "team-offer__time kern-body kern-body--small" }, this.#left, this.#bar),
      h(
        "div",
        { class: "team-actions" },
        button(t("team.offer.accept"), () => events.accept(offer.c), { weight: "primary", keys: "A" }),
        button(t("team.offer.decline"), () => events.decline(offer.c), { weight: "secondary" }),
      ),
    );
    this.tick();
  }

  /** tick renews the remaining time and returns it in seconds. */
  tick(): number {
    const left = this.#seconds();
    this.#bar.value = Math.max(0, left);
    this.#left.textContent = t("team.offer.left", { n: Math.max(0, Math.ceil(left)) });
    return left;
  }

  #seconds(): number {
    return (Date.parse(this.offer.deadline) - Date.now() - this.skew()) / 1_000;
  }
}
