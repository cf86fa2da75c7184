// The writing field: Enter sends, Shift+Enter breaks the line, nothing leaves
// before that. What is typed stays in this page's memory only.
import { h, say } from "./dom";
import { button, freshId } from "./team_kern";
import { t } from "./texts";

/** The longest text in bytes that fits one sealed message. */
export const LONGEST = 15_000;
const TYPING_EVERY = 3_000;

/** ComposerEvents is what the field tells. */
export interface ComposerEvents {
  send(text: string): void;
  typing(on: boolean): void;
}

/** Composer is one writing field with its button. */
export class Composer {
  readonly root: HTMLFormElement;
  readonly field: HTMLTextAreaElement;
  readonly #send: HTMLButtonElement;
  readonly #note = h("p", { class: "team-composer__note kern-hint", role: "status" });
  #told = 0;

  constructor(private readonly events: ComposerEvents) {
    const id = freshId("compose");
    const hint = h("p", { class: "team-composer__hint kern-hint", id: id + "-hint" }, t("team.compose.hint"));
    this.field = h("textarea", {
      class: "kern-form-input__input team-composer__field", id, rows: 2, dir: "auto", autocomplete: "off",
      "aria-describedby": id + "-hint",
      input: () => this.#typed(),
    });
    this.field.addEventListener("keydown", (event) => this.#press(event));
    this.#send = button(t("team.compose.send"), null, { weight: "primary", submit: true });
    this.root = h(
      "form",
      { class: "team-composer", submit: (event) => { event.preventDefault(); this.#submit(); } },
      h("label", { class: "kern-label", for: id }, t("team.compose.label")),
      h("div", { class: "team-composer__row" }, this.field, this.#send),
      h("div", { class: "team-composer__foot" }, hint, this.#note),
    );
  }

  /** lock closes the field with a reason, or opens it again. */
  lock(reason: string): void {
    this.field.readOnly = reason !== "";
    this.#send.disabled = reason !== "";
    say(this.#note, reason);
  }

  #press(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#submit();
  }

  #submit(): void {
    const text = this.field.value.trim();
    if (text === "" || this.field.readOnly) return;
    if (new TextEncoder().encode(text).length > LONGEST) return say(this.#note, t("team.compose.long"));
    this.field.value = "";
    say(this.#note, "");
    this.#grow();
    this.#told = 0;
    this.events.typing(false);
    this.events.send(text);
    this.field.focus();
  }

  #typed(): void {
    this.#grow();
    const now = Date.now();
    if (this.field.value === "") {
      this.#told = 0;
      return this.events.typing(false);
    }
    if (now - this.#told < TYPING_EVERY) return;
    this.#told = now;
    this.events.typing(true);
  }

  #grow(): void {
    this.field.rows = Math.min(8, Math.max(2, this.field.value.split("\n").length));
  }
}
