// The bar above the panes: the line to the server told honestly, ready or
// pause, the own limit, the own duty, and the switches for sound and notices.
import { fill, h, say, show } from "./dom";
import { pageData } from "./team_data";
import { soon } from "./team_format";
import { button, selectField, type Field } from "./team_kern";
import { dutyEnd, type Duty } from "./team_model";
import { t } from "./texts";
import type { Line } from "./wire";

/** StatusEvents is what the bar asks for. */
export interface StatusEvents {
  ready(on: boolean): void;
  limit(n: number): void;
  sound(on: boolean): void;
  notices(on: boolean): Promise<boolean>;
  shortcuts(): void;
  hurry(): void;
}

/** StatusView is the bar. */
export class StatusView {
  readonly root: HTMLElement;
  readonly #line = h("p", { class: "team-line-state", role: "status", "aria-atomic": "true" });
  readonly #hurry: HTMLButtonElement;
  readonly #ready: HTMLButtonElement;
  readonly #duty = h("p", { class: "team-duty" });
  readonly #limit: Field<HTMLSelectElement>;
  #on = false;

  constructor(events: StatusEvents) {
    this.#hurry = button(t("team.connection.hurry"), () => events.hurry(), { small: true });
    this.#ready = h(
      "button",
      { class: "team-ready", type: "button", "aria-pressed": "false", "aria-keyshortcuts": "P", click: () => events.ready(!this.#on) },
      h("span", { class: "team-ready__lamp", "aria-hidden": "true" }),
      h("span", { class: "kern-label" }, t("team.ready.label")),
      h("span", { class: "team-ready__word" }),
    );
    const most = pageData("places", 1);
    const places = Array.from({ length: most }, (_, i) => [String(i + 1), String(i + 1)] as const);
    this.#limit = selectField(t("team.limit.label"), places, String(most));
    this.#limit.root.classList.add("team-limit");
    this.#limit.control.addEventListener("change", () => events.limit(Number(this.#limit.control.value)));
    this.root = h(
      "section",
      { class: "team-bar", tabindex: -1, "aria-label": t("team.region.status"), "data-region": "status" },
      h("div", { class: "team-bar__group" }, this.#ready, this.#limit.root),
      this.#duty,
      h("div", { class: "team-bar__group team-bar__line" }, this.#line, this.#hurry),
      h("div", { class: "team-bar__group" }, soundSwitch(events), noticeSwitch(events), button(t("team.keys.open"), () => events.shortcuts(), { small: true, keys: "?" })),
    );
    this.readiness(false, "", true);
  }

  /** connection tells how the line is; the words change only when the kind of line changes. */
  connection(line: Line): void {
    say(this.#line, t("team.connection." + (line.line === "stopped" ? line.reason : line.line)));
    this.#line.dataset.line = line.line;
    show(this.#hurry, line.line === "offline");
  }

  /** readiness shows whether chats are offered, and whether the server has said so; why stands beside it when they are not although ready was pressed. */
  readiness(on: boolean, why: string, settled: boolean): void {
    this.#on = on;
    this.#ready.setAttribute("aria-pressed", String(on));
    this.#ready.setAttribute("aria-busy", String(!settled));
    say(this.#ready.querySelector(".team-ready__word")!, why || t(on ? "team.ready.on" : "team.ready.off"));
  }

  /** limit shows the number of conversations this person takes at once. */
  limit(n: number): void {
    this.#limit.control.value = String(n);
  }

  /** duty tells the present span, or the next one, or that none is planned. */
  duty(duties: readonly Duty[], now: number): void {
    const end = dutyEnd(duties, now);
    const next = duties.find((d) => Date.parse(d.start) > Math.max(now, end));
    const words = [
      end > now ? t("team.duty.now", { time: soon(end) }) : t("team.duty.off"),
      next ? t("team.duty.next", { time: soon(next.start) }) : "",
    ];
    say(this.#duty, words.filter(Boolean).join(" · "));
  }
}

function soundSwitch(events: StatusEvents): HTMLButtonElement {
  const toggle = switchButton(t("team.sound"), (on) => {
    events.sound(on);
    return on;
  });
  return toggle;
}

function noticeSwitch(events: StatusEvents): HTMLButtonElement | null {
  if (!("Notification" in window)) return null;
  return switchButton(t("team.notices"), (on) => events.notices(on));
}

/** switchButton is a toggle whose state is a word as well as an attribute. */
function switchButton(label: string, act: (on: boolean) => boolean | Promise<boolean>): HTMLButtonElement {
  const word = h("span", { class: "team-switch__word" }, t("team.off"));
  const toggle = h("button", { class: "kern-btn kern-btn--tertiary kern-btn--x-small team-switch", type: "button", "aria-pressed": "false" });
  fill(toggle, h("span", { class: "kern-label" }, label, " ", word));
  toggle.addEventListener("click", async () => {
    const on = await act(toggle.getAttribute("aria-pressed") !== "true");
    toggle.setAttribute("aria-pressed", String(on));
    say(word, t(on ? "team.on" : "team.off"));
  });
  return toggle;
}
