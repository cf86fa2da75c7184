/**
 * The text box. It is one and the same before the chat, while waiting, in the
 * chat and for a message, so that words never get lost between them.
 */
import type { Say } from "./chat_state";
import { one, say, show } from "./dom";
import { encodeContent, MAX_PLAIN } from "./seal/index";
import { number, t } from "./texts";

export interface Draft { text: string; name: string; gone: "keep" | "discard" }

export interface Compose {
  /** The person wants to send; resolves to whether the words were taken. */
  submit(draft: Draft): boolean;
  typed(text: string): void;
  /** The second button: chat instead of message or the other way round. */
  other(): void;
  gone(choice: "keep" | "discard"): void;
}

export type Mode = "live" | "queue" | "message" | "talk";

export class Composer {
  private form = one<HTMLFormElement>("#chat-form");
  private box = one<HTMLTextAreaElement>("#chat-message");
  private name = one<HTMLInputElement>("#chat-name");
  private error = one("#chat-message-error");

  constructor(private to: Compose) {
    this.form.addEventListener("submit", (e) => { e.preventDefault(); this.submit(); });
    this.box.addEventListener("input", () => { this.complain(""); this.grow(); to.typed(this.box.value); });
    this.box.addEventListener("keydown", (e) => this.key(e));
    one("#chat-other").addEventListener("click", () => to.other());
    for (const radio of this.radios()) radio.addEventListener("change", () => to.gone(this.gone));
  }

  /**
   * Dresses the form: what the button does, whether name and choice are asked,
   * the other way. Locked, the words can be seen and copied but not sent.
   */
  show(mode: Mode | undefined, extra: { consent?: string | undefined; keep?: Say | undefined; other?: string | undefined; gone: boolean; locked: boolean }): void {
    show(this.form, mode !== undefined);
    if (!mode) return;
    show(one("#chat-name-field"), mode !== "talk");
    show(one("#chat-send"), !extra.locked);
    say(one("#chat-send-label"), t("chat.app.send." + mode));
    show(one("#chat-consent"), extra.consent !== undefined);
    say(one("#chat-consent-text"), extra.consent ?? "");
    show(one("#chat-keep"), extra.keep !== undefined);
    say(one("#chat-keep"), extra.keep ? t(...extra.keep) : "");
    show(one("#chat-other"), extra.other !== undefined);
    say(one("#chat-other-label"), extra.other ?? "");
    show(one("#chat-gone"), extra.gone);
  }

  /** Blocks the button while the first words are on their way. */
  busy(on: boolean): void {
    this.form.toggleAttribute("aria-busy", on);
    one("#chat-send").setAttribute("aria-disabled", String(on));
  }

  /** Shows why the words were not taken and leads back to them. */
  complain(why: string): void {
    say(this.error, why);
    one("#chat-message-field").classList.toggle("kern-form-input--error", why !== "");
    this.box.toggleAttribute("aria-invalid", why !== "");
    if (why) {
      this.box.setAttribute("aria-invalid", "true");
      this.box.focus();
    }
  }

  /** Ticks what the server holds of the choice. */
  choose(gone: "keep" | "discard"): void {
    for (const radio of this.radios()) radio.checked = radio.value === gone;
  }

  /** Puts words back that could not be sent, before what was typed since. */
  restore(text: string): void {
    this.box.value = this.box.value ? text + "\n" + this.box.value : text;
    this.grow();
  }

  empty(): void {
    this.box.value = "";
    this.grow();
  }

  /** Takes out the words that are safe now; what was typed behind them meanwhile stays. */
  taken(text: string): void {
    const now = this.box.value.trimStart();
    if (now.startsWith(text)) this.box.value = now.slice(text.length).trimStart();
    this.grow();
  }

  get text(): string {
    return this.box.value;
  }

  focus(): void {
    this.box.focus();
  }

  private submit(): void {
    const send = one("#chat-send");
    if (send.hidden || send.getAttribute("aria-disabled") === "true") return;
    const text = this.box.value.trim();
    if (!text) return this.complain(t("chat.app.empty"));
    const over = encodeContent({ text }).length - MAX_PLAIN;
    if (over > 0) return this.complain(t("chat.app.too_long", { over: number(over) }));
    if (this.to.submit({ text, name: this.name.value.trim(), gone: this.gone })) this.empty();
  }

  /** Enter sends where a keyboard is at hand; Shift+Enter and phones make a new line. */
  private key(e: KeyboardEvent): void {
    const hand = e.ctrlKey || e.metaKey || (!e.shiftKey && matchMedia("(pointer: fine)").matches);
    if (e.key !== "Enter" || e.isComposing || !hand) return;
    e.preventDefault();
    this.submit();
  }

  /** The box grows with the text up to a third of the window. */
  private grow(): void {
    const lines = this.box.value.split("\n").reduce((sum, l) => sum + Math.ceil((l.length + 1) / 48), 0);
    this.box.rows = Math.min(Math.max(lines, 3), 10);
  }

  private radios(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>("input[name=gone]")];
  }

  /** What is to happen to the words when nobody answers and the person is gone. */
  get gone(): "keep" | "discard" {
    return this.radios().find((r) => r.checked)?.value === "discard" ? "discard" : "keep";
  }
}
