/**
 * The search for centres: the exit, and suggestions below the two boxes as a
 * combobox (ARIA 1.2, "list autocomplete with manual selection"). What is typed
 * goes to this server only, as it does when the form is sent. Nothing is chosen
 * unless the person chooses it; without script the boxes are plain boxes.
 */
import { h, say } from "./dom";
import { watchExit } from "./exit";
import { t } from "./texts";

interface Suggestion { kind: string; id: string; text: string; more: string }

const WAIT_MS = 150;

/** One box with its list. */
class Combobox {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLUListElement;
  private readonly status = h("p", { class: "kern-sr-only", role: "status", "aria-atomic": "true" });
  private readonly kind: string;
  private timer = 0;
  private asked = 0;
  private at = -1;

  constructor(box: HTMLElement) {
    this.input = box.querySelector("input")!;
    this.kind = box.dataset.suggest ?? "";
    this.list = h("ul", { class: "suggest__list", id: this.input.id + "-list", role: "listbox", "aria-label": t("centres.suggest.label"), hidden: true });
    box.append(this.list, this.status);
  }

  watch(): void {
    const roles = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(roles)) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (e) => this.key(e));
    this.input.addEventListener("blur", () => this.close());
    // A press must not take the focus away before the click arrives.
    this.list.addEventListener("pointerdown", (e) => e.preventDefault());
    this.list.addEventListener("click", (e) => {
      const option = (e.target as Element).closest<HTMLElement>("[role=option]");
      if (option) this.take(option);
    });
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), WAIT_MS);
  }

  /** Asks the server; an answer that a later question overtook is dropped. */
  private async ask(): Promise<void> {
    const turn = ++this.asked;
    const text = this.input.value.trim();
    if (text.length < 2) return this.close();
    const query = new URLSearchParams({ q: text, kind: this.kind, language: document.documentElement.lang });
    try {
      const answer = await fetch("/api/v1/suggest?" + query);
      const { suggestions } = answer.ok ? await answer.json() as { suggestions: Suggestion[] } : { suggestions: [] };
      if (turn === this.asked && document.activeElement === this.input) this.open(suggestions);
    } catch {
      this.close(); // without the server the box is a plain box
    }
  }

  private open(found: Suggestion[]): void {
    this.close();
    this.list.replaceChildren(...found.map((s, i) => h("li", { class: "suggest__option", id: `${this.list.id}-${i}`, role: "option", "aria-selected": "false", "data-text": s.text },
      h("span", { dir: "auto" }, s.text), " ",
      h("span", { class: "muted" }, t("centres.suggest." + s.kind), s.more && s.more !== s.text ? " · " + s.more : ""))));
    this.list.hidden = found.length === 0;
    this.input.setAttribute("aria-expanded", String(found.length > 0));
    say(this.status, found.length ? t("centres.suggest.count", { n: found.length }) : t("centres.suggest.none"));
  }

  private close(): void {
    this.list.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    say(this.status, "");
  }

  private key(e: KeyboardEvent): void {
    if (this.list.hidden) {
      if (e.key === "ArrowDown") void this.ask();
      return;
    }
    const options = [...this.list.children] as HTMLElement[];
    const steps: Record<string, () => void> = {
      ArrowDown: () => this.mark(options, this.at + 1 >= options.length ? -1 : this.at + 1),
      ArrowUp: () => this.mark(options, this.at < 0 ? options.length - 1 : this.at - 1),
      Escape: () => this.close(),
    };
    if (this.at >= 0) steps.Enter = () => this.take(options[this.at]!);
    const step = steps[e.key];
    if (!step) return;
    e.preventDefault();
    step();
  }

  /** Marks an option; -1 is the box itself. */
  private mark(options: HTMLElement[], at: number): void {
    this.at = at;
    options.forEach((o, i) => o.setAttribute("aria-selected", String(i === at)));
    const marked = options[at];
    if (!marked) return this.input.removeAttribute("aria-activedescendant");
    this.input.setAttribute("aria-activedescendant", marked.id);
    marked.scrollIntoView({ block: "nearest" });
  }

  private take(option: HTMLElement): void {
    clearTimeout(this.timer);
    this.asked++;
    this.input.value = option.dataset.text ?? this.input.value;
    this.close();
  }
}

watchExit();
for (const box of document.querySelectorAll<HTMLElement>("[data-suggest]")) new Combobox(box).watch();
