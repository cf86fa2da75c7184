// Sections of the account and administration pages, and what is said when an
// action went well or did not.
import { fill, h, type Child } from "./dom";
import { sentence } from "./team_form";
import { alert, freshId } from "./team_kern";
import { GaveUp } from "./team_stepup";

/** section is a titled part of a page. */
export function section(title: string, children: Child[]): HTMLElement {
  const id = freshId("section");
  return h("section", { class: "team-part", "aria-labelledby": id }, h("h2", { class: "kern-heading-medium", id, tabindex: -1 }, title), ...children);
}

let place: HTMLElement | null = null;

function board(): HTMLElement {
  place ??= document.body.appendChild(h("div", { class: "team-toast", role: "alert" }));
  return place;
}

/** toast says what went wrong. Giving up is no error and says nothing. */
export function toast(thrown: unknown): void {
  if (thrown instanceof GaveUp) return;
  pop(alert("danger", sentence(thrown)));
}

/** done says that something was saved. */
export function done(text: string): void {
  pop(alert("success", text));
}

function pop(shown: HTMLElement): void {
  fill(board(), shown);
  setTimeout(() => shown.remove(), 8_000);
}

/** run does an action of a button and says what went wrong. */
export function run(act: () => Promise<unknown>): void {
  act().catch(toast);
}
