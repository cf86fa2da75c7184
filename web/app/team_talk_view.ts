// The middle pane for one conversation: heading with presence and actions,
// notices, the log, who is typing, the writing field. Each conversation keeps
// its own view, so that switching loses neither a draft nor the reading place.
import { Composer } from "./team_composer";
import { fill, h, say, show } from "./dom";
import { tag } from "./team_format";
import { alert, button, paragraph } from "./team_kern";
import { LogView } from "./team_log";
import { ended, type Stop, type TalkState } from "./team_model";
import { t } from "./texts";

/** TalkEvents is what the view asks for. */
export interface TalkEvents {
  send(text: string): void;
  typing(on: boolean): void;
  back(): void;
  context(): void;
  handBack(): void;
  handOver(): void;
  cancelHandOver(): void;
  end(): void;
  retry(): void;
  dismiss(): void;
  again(id: string): void;
}

/** TalkView shows one conversation. */
export class TalkView {
  readonly root: HTMLElement;
  readonly log: LogView;
  readonly composer: Composer;
  readonly #heading: HTMLHeadingElement;
  readonly #presence = h("p", { class: "team-presence", role: "status" });
  readonly #notices = h("div", { class: "team-notices" });
  readonly #typing = h("p", { class: "team-typing", "aria-hidden": "true" });
  readonly #actions: HTMLElement;
  #notice = "";

  constructor(id: string, private readonly events: TalkEvents) {
    this.log = new LogView(t("team.log.label", { tag: tag(id) }), events.again);
    this.composer = new Composer({ send: events.send, typing: events.typing });
    this.#heading = h("h2", { class: "kern-heading-small team-talk__title", tabindex: -1 }, tag(id));
    this.#actions = h(
      "div",
      { class: "team-actions" },
      button(t("team.action.hand_over"), events.handOver, { small: true, keys: "U" }),
      button(t("team.action.hand_back"), events.handBack, { small: true, keys: "Z" }),
      button(t("team.action.end"), events.end, { small: true, keys: "E" }),
    );
    const back = button(t("team.action.back"), events.back, { small: true, weight: "tertiary", icon: "arrow-back" });
    back.classList.add("team-back");
    const about = button(t("team.action.context"), events.context, { small: true, weight: "tertiary" });
    about.classList.add("team-back");
    this.root = h(
      "div",
      { class: "team-talk" },
      h("div", { class: "team-talk__head" }, back, h("div", { class: "team-talk__names" }, this.#heading, this.#presence), about, this.#actions),
      this.#notices, this.log.root, this.#typing, this.composer.root,
    );
  }

  /** state renews presence, actions and notices. */
  state(state: TalkState, title: string, mine: boolean, stop: Stop | null, shift: string): void {
    const closed = ended(state);
    say(this.#heading, title);
    say(this.#presence, closed ? t("team.presence.closed") : state.seeker_here ? t("team.presence.here") : t("team.presence.gone"));
    this.#presence.dataset.here = String(Boolean(state.seeker_here) && !closed);
    show(this.#actions, mine);
    this.composer.lock(lockReason(closed, mine, stop));
    this.#show(state, stop, shift);
  }

  /** typing shows that the other side is writing. */
  typing(on: boolean): void {
    say(this.#typing, on ? t("team.typing") : "");
  }

  /** focus goes to the writing field, or to the heading when nothing can be written. */
  focus(): void {
    if (this.composer.field.readOnly) this.#heading.focus();
    else this.composer.field.focus();
  }

  #show(state: TalkState, stop: Stop | null, shift: string): void {
    const key = JSON.stringify([stop, state.transfer ?? null, state.closed_by ?? "", shift]);
    if (key === this.#notice) return;
    this.#notice = key;
    fill(this.#notices, stop ? stopNotice(stop, this.events) : null, transferNotice(state, this.events), endNotice(state, this.events), shiftNotice(shift));
  }
}

function lockReason(closed: boolean, mine: boolean, stop: Stop | null): string {
  if (stop) return t("team.compose.stopped");
  if (closed) return t("team.compose.closed");
  return mine ? "" : t("team.compose.not_mine");
}

function stopNotice(stop: Stop, events: TalkEvents): HTMLElement {
  const retry = button(t("team.stop.retry"), events.retry, { small: true });
  if (stop.code === "load") return alert("warning", t("team.stop.load"), [retry], true);
  const reason = paragraph(t("team.stop.reason", { reason: stop.reason }), "kern-body--small");
  return alert("danger", t("team.stop." + stop.code), [paragraph(t("team.stop.explain")), reason, retry], true);
}

function transferNotice(state: TalkState, events: TalkEvents): HTMLElement | null {
  if (!state.transfer) return null;
  const to = state.transfer.name ?? state.transfer.team_name ?? "";
  const step = state.transfer.step;
  const body: Node[] = step === "ask" ? [button(t("team.transfer.cancel"), events.cancelHandOver, { small: true })] : [];
  return alert("info", t("team.transfer." + step, { to }), body, true);
}

function endNotice(state: TalkState, events: TalkEvents): HTMLElement | null {
  if (!ended(state)) return null;
  const body = [paragraph(t("team.closed.explain")), button(t("team.closed.dismiss"), events.dismiss, { small: true })];
  return alert("info", t("team.closed_by." + (state.closed_by ?? "system")), body, true);
}

function shiftNotice(shift: string): HTMLElement | null {
  if (shift === "") return null;
  return alert("warning", shift, [paragraph(t("team.shift.choose"))], true);
}
