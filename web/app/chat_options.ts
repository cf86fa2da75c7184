/** Everything beside writing: return code, transcript, who can read, end, delete. */
import { ask, showCode } from "./chat_dialogs";
import type { Line, Seat } from "./chat_seat";
import type { Phase } from "./chat_state";
import { codeOf, type Talk } from "./chat_talk";
import { download, transcript } from "./chat_transcript";
import { fill, h, one, say, show } from "./dom";
import { fingerprint } from "./seal/index";
import { failure, moment, t } from "./texts";

export type Doings = Record<"code" | "save" | "urgent" | "end" | "erase", () => void>;

const BUTTONS: Record<keyof Doings, string> = {
  code: "#chat-do-code", save: "#chat-do-save", urgent: "#chat-do-urgent", end: "#chat-do-end", erase: "#chat-do-delete",
};

export class Options {
  private lines: Line[] = [];
  private genesis = "";

  constructor(private doings: Doings) {
    for (const [name, id] of Object.entries(BUTTONS)) one(id).addEventListener("click", doings[name as keyof Doings]);
    one("#chat-options").addEventListener("toggle", () => void this.words());
  }

  /** Shows what fits the phase. */
  show(phase: Phase, hasCode: boolean): void {
    const talking = phase === "waiting" || phase === "active" || phase === "deferred";
    show(one("#chat-options"), talking);
    show(one("#chat-do-end"), phase === "active" || phase === "deferred");
    say(one("#chat-do-code-label"), t(hasCode ? "chat.app.code_new" : "chat.app.code_make"));
  }

  /** Does what a button of the card asks for. */
  press(what: keyof Doings): void {
    this.doings[what]();
  }

  /** Keeps verified lines for the transcript, in memory only. */
  note(lines: readonly Line[]): void {
    this.lines.push(...lines);
  }

  forget(): void {
    this.lines = [];
    fill(one("#chat-reader-list"));
  }

  /** Names everybody who can read from here on. */
  readers(seat: Seat): void {
    const all = seat.readers;
    const text = t("chat.app.readers", { n: all.length });
    say(one("#chat-readers"), seat.teamName ? `${text} (${seat.teamName})` : text);
    fill(one("#chat-reader-list"), ...all.map((r) =>
      h("li", {}, h("bdi", {}, r.name), r.recovery && " – " + t("chat.app.recovery"))));
    this.genesis = seat.genesis;
    void this.words();
  }

  async save(): Promise<void> {
    if (await ask("save")) download(transcript(this.lines, moment(new Date())), new Date());
  }

  /** Explains, makes and shows a return code. */
  async makeCode(talk: Talk | undefined, path: string, done: () => void): Promise<void> {
    if (!talk || !(await ask("code"))) return;
    try {
      const code = await talk.seat.returnCode();
      await showCode(code.text, location.host + path);
      done();
    } catch (err) {
      say(one("#chat-problem"), failure(codeOf(err)));
      show(one("#chat-problem"), true);
    }
  }

  /** The six words of the team, once somebody looks. */
  private async words(): Promise<void> {
    const box = one("#chat-words");
    if (!one<HTMLDetailsElement>("#chat-options").open || !this.genesis || box.dataset.of === this.genesis) return;
    box.dataset.of = this.genesis;
    const list = await fetch(box.dataset.list ?? "").then((r) => r.json() as Promise<string[]>).catch(() => undefined);
    if (list) say(box, (await fingerprint(this.genesis, list)).join(" "));
  }
}
