/** Questions before steps that cannot be taken back, and the return code. */
import { one, say } from "./dom";
import { t } from "./texts";

export type Question = "end" | "delete" | "save" | "leave" | "code";

/** Asks and gives the answer; closing the dialog in any way is a no. */
export function ask(question: Question): Promise<boolean> {
  const dialog = one<HTMLDialogElement>("#chat-dialog-" + question);
  return new Promise((answer) => {
    const done = new AbortController();
    const finish = (yes: boolean) => {
      done.abort();
      if (dialog.open) dialog.close();
      answer(yes);
    };
    const on = { signal: done.signal };
    dialog.addEventListener("close", () => finish(false), on);
    for (const button of dialog.querySelectorAll<HTMLElement>("[data-answer]")) {
      button.addEventListener("click", () => finish(button.dataset.answer === "yes"), on);
    }
    dialog.showModal();
  });
}

/** Shows the return code until the person has noted it, then forgets it. */
export function showCode(code: string, address: string): Promise<void> {
  const dialog = one<HTMLDialogElement>("#chat-code");
  const text = one("#chat-code-text");
  say(text, code);
  say(one("#chat-code-address"), address);
  say(one("#chat-code-said"), "");
  return new Promise((finished) => {
    const done = new AbortController();
    const on = { signal: done.signal };
    one("#chat-code-copy").addEventListener("click", () => void copy(code, text), on);
    one("#chat-code-print").addEventListener("click", () => print(), on);
    one("#chat-code-done").addEventListener("click", () => dialog.close(), on);
    dialog.addEventListener("close", () => {
      done.abort();
      say(text, "");
      finished();
    }, on);
    dialog.showModal();
  });
}

/** Copies, or marks the code where the browser does not let pages copy. */
async function copy(code: string, text: HTMLElement): Promise<void> {
  try {
    await navigator.clipboard.writeText(code);
    say(one("#chat-code-said"), t("chat.app.copied"));
  } catch {
    getSelection()?.selectAllChildren(text);
    say(one("#chat-code-said"), t("chat.app.copy_by_hand"));
  }
}
