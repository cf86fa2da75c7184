/** The chat page of a help-seeker. */
import { carried } from "./carried";
import { load } from "./chat_store";
import { Page } from "./chat_page";
import { one, show } from "./dom";

/** Takes up the conversation of this tab, or begins with the question in the address. */
function begin(): void {
  const box = one("#chat");
  const stored = load();
  if (!stored && box.dataset.ready !== "true") return;
  show(box, true);
  const question = document.querySelector<HTMLElement>("#chat-ask");
  if (question) show(question, false);
  const page = new Page(box);
  if (stored) void page.resume(stored);
  else page.ask();
  page.bring(carried());
}

begin();
