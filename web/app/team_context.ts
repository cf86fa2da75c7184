// The right pane: what is known about the conversation without reading it, who
// can read it, and everything that is wrong with its encryption.
import { fill, h } from "./dom";
import { kept } from "./team_admin_keep";
import { language, soon, tag, topicName } from "./team_format";
import { alert, badge, button, facts, paragraph } from "./team_kern";
import type { EpochFact, ReaderFact, Stop, TalkState } from "./team_model";
import { clock, t } from "./texts";

/** ContextFacts is one conversation as the pane shows it. */
export interface ContextFacts {
  id: string;
  state: TalkState;
  teamName: string;
  teamWords: string[];
  readers: ReaderFact[];
  epochs: EpochFact[];
  broken: number;
  stop: Stop | null;
}

/** ContextView is the pane. */
export class ContextView {
  readonly root = h("section", { class: "team-pane team-context", tabindex: 0, "aria-label": t("team.region.context"), "data-region": "context" });
  readonly #back: HTMLButtonElement;
  #shown = "";

  /** back leads to the conversation where only one of the two panes fits. */
  constructor(back: () => void) {
    this.#back = button(t("team.action.to_talk"), back, { small: true, weight: "tertiary", icon: "arrow-back" });
    this.#back.classList.add("team-back");
  }

  /** show fills the pane; the same facts twice change nothing. */
  show(now: ContextFacts | null): void {
    const key = JSON.stringify(now);
    if (key === this.#shown) return;
    this.#shown = key;
    if (!now) return fill(this.root, paragraph(t("team.context.none"), "kern-body--muted"));
    fill(
      this.root,
      this.#back,
      h("h2", { class: "kern-heading-small" }, t("team.context.title", { tag: tag(now.id) })),
      basics(now), trust(now), readers(now), epochs(now),
    );
  }
}

function basics({ state, teamName }: ContextFacts): HTMLElement {
  const rows: Array<readonly [string, string | Node]> = [];
  if (state.topic) rows.push([t("team.fact.topic"), topicName(state.topic)]);
  if (state.language) rows.push([t("team.fact.language"), language(state.language)]);
  if (state.urgent) rows.push([t("team.fact.urgency"), badge(t("team.urgent"), "warning")]);
  rows.push([t("team.fact.kind"), t("team.kind." + state.kind)], [t("team.fact.team"), teamName]);
  if (state.state === "active") rows.push([t("team.fact.since"), soon(state.since)]);
  if (state.warn_at) rows.push([t("team.fact.silence"), clock(state.warn_at)]);
  if (state.keep_s) rows.push([t("team.fact.purge"), kept(state.keep_s)]);
  if (state.purge_at) rows.push([t("team.fact.purge"), soon(state.purge_at)]);
  return facts(rows);
}

function trust(now: ContextFacts): HTMLElement | null {
  if (now.stop) return alert("danger", t("team.stop." + now.stop.code), [paragraph(t("team.stop.explain"))]);
  if (now.broken > 0) return alert("warning", t("team.broken.count", { n: now.broken }), [paragraph(t("team.broken.explain"))]);
  return null;
}

function readers(now: ContextFacts): HTMLElement {
  const list = h("ul", { class: "team-readers" });
  for (const reader of now.readers) {
    list.append(
      h(
        "li",
        {},
        h("span", {}, reader.kind === "seeker" ? t("team.reader.seeker") : reader.kind === "recovery" ? t("team.reader.recovery") : reader.name),
        reader.words ? h("span", { class: "team-words", dir: "ltr" }, reader.words) : null,
      ),
    );
  }
  return h(
    "div",
    { class: "team-section" },
    h("h3", { class: "kern-title" }, t("team.readers.title")),
    list,
    now.teamWords.length > 0 ? h("p", { class: "kern-body kern-body--small" }, t("team.readers.words"), " ", h("span", { class: "team-words", dir: "ltr", lang: "de" }, now.teamWords.join(" "))) : null,
  );
}

function epochs(now: ContextFacts): HTMLElement | null {
  if (now.epochs.length === 0) return null;
  const list = h("ol", { class: "team-epochs" });
  for (const epoch of now.epochs) {
    const line = t("team.epoch.line", { n: epoch.n + 1, readers: epoch.readers });
    list.append(h("li", {}, line, epoch.readable ? null : " " + t("team.epoch.closed")));
  }
  return h("details", { class: "kern-accordion" }, h("summary", { class: "kern-accordion__header" }, h("span", { class: "kern-title" }, t("team.epochs.title"))), h("div", { class: "kern-accordion__body" }, list));
}
