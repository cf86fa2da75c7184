// Modal dialogs on the native element: the browser keeps the focus inside,
// Escape closes, and the focus goes back to where it was.
import { fill, h, type Child } from "./dom";
import { tell } from "./team_form";
import { button, freshId } from "./team_kern";

/** DialogOptions: act runs on confirmation; what it throws is shown and the dialog stays open. */
export interface DialogOptions {
  title: string;
  body: Child[];
  confirm: string;
  cancel: string;
  act: () => void | Promise<void>;
}

interface Frame {
  dialog: HTMLDialogElement;
  body: HTMLElement;
  foot: HTMLElement;
}

function frame(title: string, inside: HTMLElement): Frame {
  const id = freshId("dialog");
  const body = h("section", { class: "kern-dialog__body" });
  const foot = h("footer", { class: "kern-dialog__footer" });
  inside.append(h("header", { class: "kern-dialog__header" }, h("h2", { class: "kern-title kern-title--large", id }, title)), body, foot);
  const dialog = h("dialog", { class: "kern-dialog team-dialog", "aria-labelledby": id }, inside);
  return { dialog, body, foot };
}

function open(dialog: HTMLDialogElement, closed: () => void): void {
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    closed();
  });
  document.body.append(dialog);
  dialog.showModal();
}

/** openDialog asks one question. It resolves to true when the act was done. */
export function openDialog(options: DialogOptions): Promise<boolean> {
  const form = h("form", { method: "dialog", novalidate: true });
  const { dialog, body, foot } = frame(options.title, form);
  const place = h("div", { role: "alert" });
  const confirm = button(options.confirm, null, { weight: "primary", submit: true });
  fill(body, place, ...options.body);
  fill(foot, button(options.cancel, () => dialog.close()), confirm);
  return new Promise((resolve) => {
    let done = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (confirm.getAttribute("aria-disabled") === "true") return;
      confirm.setAttribute("aria-disabled", "true");
      fill(place);
      try {
        await options.act();
        done = true;
        dialog.close();
      } catch (thrown) {
        tell(place, thrown);
      } finally {
        confirm.removeAttribute("aria-disabled");
      }
    });
    open(dialog, () => resolve(done));
    if (!body.querySelector("input, select, textarea, button")) confirm.focus();
  });
}

/** showDialog shows something to read, with one button to leave; it resolves when closed. */
export function showDialog(title: string, content: Child[], close: string): Promise<void> {
  const { dialog, body, foot } = frame(title, h("div", {}));
  fill(body, ...content);
  fill(foot, button(close, () => dialog.close(), { weight: "primary" }));
  return new Promise((resolve) => open(dialog, resolve));
}
