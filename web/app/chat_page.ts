/**
 * The page as a whole: it keeps the situation, gives each part what it has to
 * show, and turns what the person does into steps of the conversation.
 *
 * There is no question "really leave?" when the tab is closed: somebody who
 * is watched has to be able to close it at once.
 */
import { Problem } from "./api";
import type { Ask, Kept } from "./chat_api";
import * as server from "./chat_api";
import { Beginning, type Became } from "./chat_beginning";
import { Composer, type Draft, type Mode } from "./chat_compose";
import { Crisis } from "./chat_crisis";
import { ask as question } from "./chat_dialogs";
import { Log } from "./chat_log";
import { Options } from "./chat_options";
import { LineView, Panel } from "./chat_panel";
import { Seat, type Line as Entry } from "./chat_seat";
import { Untrusted } from "./chat_trust";
import { canChat, card, heard, keptFor, type Action, type Phase, type Situation } from "./chat_state";
import { clear, load, type Stored } from "./chat_store";
import { codeOf, Talk } from "./chat_talk";
import { Transfer } from "./chat_transfer";
import { one, say, show } from "./dom";
import { clock, failure, moment, t } from "./texts";
import { Typing } from "./typing";
import type { Line, StateFrame } from "./wire";

export class Page {
  private s: Situation = {
    phase: "looking", want: "live", again: false, crowded: false, noTeam: false, name: "", hasCode: false, purge: "", opens: "", reason: "",
  };
  private question: Ask;
  private talk: Talk | undefined;
  private served = false;
  private teamName = "";
  private kept: Kept | undefined;
  private unread = 0;
  private readonly title = document.title;

  private log = new Log(one("#chat-log"), one("#chat-list"));
  private panel = new Panel((a) => this.act(a));
  private line = new LineView(() => this.talk?.hurry());
  private crisis = new Crisis(() => this.talk?.urgent(), (text) => this.panel.speak(text));
  private transfer = new Transfer((yes, team, name) => this.answer(yes, team, name), (text) => this.panel.speak(text));
  private typing = new Typing((who) => {
    say(one("#chat-typing"), who && t("chat.app.typing", { name: who }));
    show(one("#chat-typing"), who !== "");
  });
  private composer = new Composer({
    submit: (draft) => this.submit(draft),
    typed: (text) => this.typed(text),
    other: () => this.other(),
    gone: (choice) => this.talk?.gone(choice),
  });
  private beginning = new Beginning({
    available: (a) => this.set(heard(this.s, a, a.opens_at ? moment(a.opens_at) : "")),
    team: (found) => {
      this.teamName = found?.team.name ?? "";
      this.kept = found?.keep_s;
      this.set({ noTeam: found === undefined });
    },
    opened: (...all) => this.opened(...all),
    refused: (code) => this.composer.complain(code === "offline" ? t("chat.app.not_sent_offline") : failure(code)),
    untrusted: (code) => this.stopped(code),
  });
  private options: Options;

  constructor(private box: HTMLElement) {
    const { topic = "", language = "", postcode = "", centre = "" } = box.dataset;
    this.question = { topic, language, postcode, centre };
    this.options = new Options({
      code: () => void this.options.makeCode(this.talk, box.dataset.return ?? "", () => this.set({ hasCode: true })),
      save: () => void this.options.save(),
      urgent: () => this.crisis.ask(),
      end: () => void this.end(),
      erase: () => void this.erase("delete"),
    });
    one("#chat-idle-extend").addEventListener("click", () => {
      this.say(t("chat.app.still_here"));
      this.composer.focus();
    });
    document.addEventListener("visibilitychange", () => this.look());
    addEventListener("lotse:exit", () => this.vanish());
  }

  /** Begins with the availability; nothing is stored or sent. */
  ask(): void {
    if (!globalThis.crypto?.subtle) return this.stopped("insecure");
    this.set({ phase: "ask" });
    this.beginning.watch(this.question, true);
  }

  /** Puts words into the box that the person brought along; they are not sent. */
  bring(text: string): void {
    if (text) this.composer.restore(text);
  }

  /** Takes the seat of this tab again. */
  async resume(stored: Stored): Promise<void> {
    this.set({ phase: "looking" });
    try {
      const { seat, state, lines, hasReturn } = await Seat.restore(stored);
      this.log.history(lines);
      this.options.note(lines);
      this.set({ hasCode: hasReturn });
      this.join(seat, state.c);
      this.state(state);
    } catch (err) {
      this.notResumed(err, stored);
    }
  }

  private notResumed(err: unknown, stored: Stored): void {
    if (err instanceof Untrusted) return this.stopped(err.code);
    if (!(err instanceof Problem)) throw err;
    if (err.status === 401 || err.status === 404 || err.status === 410) return this.lostSeat();
    this.line.show("offline", 0);
    setTimeout(() => void this.resume(stored), 4_000);
  }

  /** The first words: make keys, open, then send. Returns at once; the words stay until they are safe. */
  private submit(draft: Draft): boolean {
    this.crisis.look(draft.text);
    if (this.talk) return this.say(draft.text);
    this.composer.busy(true);
    this.problem("");
    const kind = this.mode() === "message" ? "message" : "live";
    void this.beginning.open(this.question, kind, draft).finally(() => this.composer.busy(false));
    return false;
  }

  private opened(seat: Seat, id: string, became: Became, draft: Draft, first: Draft["gone"]): void {
    seat.persist();
    history.replaceState(null, "", this.box.dataset.stay);
    this.composer.taken(draft.text);
    const { gone } = this.composer; // it may have changed on the way
    this.join(seat, id);
    if (gone !== first) this.talk?.gone(gone);
    this.set({ phase: became === "live" ? "waiting" : "deferred", crowded: became === "crowded" });
    if (draft.name) void this.talk?.send(crypto.randomUUID(), { kind: "name", text: draft.name }).catch(() => undefined);
    this.say(draft.text);
    if (this.crisis.isMarked) this.talk?.urgent();
    this.panel.focus();
  }

  private join(seat: Seat, c: string): void {
    this.talk = new Talk(seat, c, {
      line: (l) => this.lineIs(l),
      state: (s) => this.state(s),
      queue: (queue) => this.set({ queue }),
      entry: (e) => this.entry(e),
      typing: (name, on) => this.typing.heard(on ? name || t("chat.app.team") : ""),
      consent: (team, label) => this.transfer.ask({ team, label, name: "" }),
      readers: () => this.options.readers(seat),
      refused: (code) => this.problem(failure(code)),
      untrusted: (code) => this.stopped(code),
    });
    this.options.readers(seat);
    this.talk.start();
  }

  /** Sends words in the conversation; they show at once as on their way. */
  private say(text: string): boolean {
    const talk = this.talk;
    if (!talk) return false;
    const id = crypto.randomUUID();
    this.log.sending(id, text);
    talk.typing(false);
    talk.send(id, { text }).catch((err: unknown) => this.log.failed(id, failure(codeOf(err)), () => this.say(text)));
    return true;
  }

  private entry(e: Entry): void {
    this.log.add(e);
    this.options.note([e]);
    if (!e.mine) this.typing.heard("");
    if (!e.mine && e.kind === "message" && document.hidden) {
      this.unread++;
      document.title = `(${this.unread}) ${this.title}`;
    }
    this.look();
  }

  /** What has arrived is read when somebody looks. */
  private look(): void {
    if (document.hidden) return;
    this.unread = 0;
    document.title = this.title;
    this.talk?.read();
  }

  private state(s: StateFrame): void {
    if (s.state === "purged") return this.lostSeat();
    const before = this.s;
    const name = s.state === "active" ? s.counsellor?.name ?? "" : "";
    const phase: Phase = s.state === "offered" ? "waiting" : s.state;
    this.question = { ...this.question, topic: s.topic, language: s.language };
    this.remark(before, phase, name);
    this.served ||= phase === "active";
    this.set({
      phase, name, again: this.served && phase === "waiting", closedBy: s.closed_by,
      keep: s.keep_s, purge: s.purge_at ? moment(s.purge_at) : "", offered: s.state === "offered", queue: phase === "waiting" ? this.s.queue : undefined,
    });
    if (s.on_gone) this.composer.choose(s.on_gone);
    this.transfer.follow(s.transfer);
    this.idle(phase === "active" ? s.warn_at : undefined);
    if (phase !== "active") this.typing.heard("");
    this.watch(phase);
  }

  /** While nobody has taken over the page tells who is there; what was known before is old after that. */
  private watch(phase: Phase): void {
    if (phase === "deferred" || phase === "waiting") return this.beginning.watch(this.question, false);
    this.beginning.rest();
    this.set({ availability: undefined });
  }

  /** Tells in the log who came and who went, except what the page finds at its start. */
  private remark(before: Situation, phase: Phase, name: string): void {
    if (before.phase === "looking") return;
    if (phase === "active" && name && name !== before.name) this.log.note(t("chat.app.joined", { name }));
    if (before.phase === "active" && phase === "waiting") this.log.note(t("chat.app.handed_back"));
  }

  private answer(yes: boolean, team: string, name: string): void {
    this.talk?.transfer(yes, team, name);
    this.composer.focus();
  }

  private idle(at: string | undefined): void {
    const text = at ? t("chat.app.idle", { when: clock(at) }) : "";
    if (at && one("#chat-idle").hidden) this.panel.speak(text);
    say(one("#chat-idle-text"), text);
    show(one("#chat-idle"), at !== undefined);
  }

  private lineIs(l: Line): void {
    if (l.line !== "stopped") return this.line.show(l.line, this.talk?.pending ?? 0);
    this.line.show("stopped", 0);
    if (l.reason === "replaced") this.set({ phase: "elsewhere" });
    else if (l.reason === "auth" || l.reason === "forbidden") this.lostSeat();
  }

  private typed(text: string): void {
    this.crisis.watch(text);
    if (this.s.phase === "active") this.talk?.typing(text.trim() !== "");
  }

  private act(action: Action): void {
    const acts: Record<Action, () => void> = {
      message: () => this.talk?.release("message"),
      requeue: () => this.talk?.release("queue"),
      leave: () => void this.erase("leave"),
      code: () => this.options.press("code"),
      save: () => this.options.press("save"),
      delete: () => void this.erase("delete"),
      here: () => this.talk?.start(),
      retry: () => void this.retry(),
      anew: () => this.anew(),
      other: () => location.assign(this.box.dataset.home ?? ""),
      return: () => location.assign(this.box.dataset.return ?? ""),
    };
    acts[action]();
  }

  private async retry(): Promise<void> {
    this.set({ phase: "looking" });
    const stored = load();
    if (this.talk) await this.talk.retry();
    else if (stored) await this.resume(stored);
    else this.ask();
  }

  private async end(): Promise<void> {
    if (await question("end")) this.talk?.close();
  }

  private async erase(why: "delete" | "leave"): Promise<void> {
    if (!this.talk || !(await question(why))) return;
    try {
      const { receipt } = await server.erase(this.talk.seat.stored.token);
      this.forget();
      this.set({ phase: "deleted", receipt: { ...receipt, at: moment(receipt.at) } });
      this.panel.focus();
    } catch (err) {
      this.problem(failure(codeOf(err)));
    }
  }

  private anew(): void {
    clear();
    const { topic, language, postcode } = this.question;
    const query = new URLSearchParams(topic ? { topic, language, postcode } : {}).toString();
    location.assign(this.box.dataset.home + (query && "?" + query));
  }

  /** The conversation does not exist (any more). */
  private lostSeat(): void {
    this.forget();
    this.set({ phase: "gone" });
  }

  /** Nothing of the conversation stays in this tab. */
  private forget(): void {
    this.talk?.stop();
    this.talk = undefined;
    clear();
    this.log.clear();
    this.options.forget();
    this.beginning.rest();
    this.idle(undefined);
    this.typing.heard("");
    this.transfer.follow(undefined);
  }

  /** The exit: all gone at once, no word to the server. */
  private vanish(): void {
    this.forget();
    this.composer.empty();
    this.box.replaceChildren();
  }

  private stopped(reason: string): void {
    this.set({ phase: "broken", reason });
  }

  private other(): void {
    this.set({ want: this.s.want === "live" ? "message" : "live" });
    this.composer.focus();
  }

  private problem(text: string): void {
    say(one("#chat-problem"), text);
    show(one("#chat-problem"), text !== "");
  }

  private set(change: Partial<Situation>): void {
    Object.assign(this.s, change);
    this.render();
  }

  private mode(): Mode | undefined {
    switch (this.s.phase) {
      case "ask": case "opening":
        if (!this.s.availability || this.s.noTeam) return undefined;
        if (this.s.want === "message" || !canChat(this.s.availability)) return "message";
        return this.s.availability.state === "free" ? "live" : "queue";
      case "waiting": case "active": case "deferred": return "talk";
      default: return undefined;
    }
  }

  private render(): void {
    const { phase } = this.s;
    this.panel.show(card(this.s));
    const mode = this.mode();
    const locked = phase === "broken" && this.composer.text !== "";
    const choice = phase === "ask" && mode !== undefined && canChat(this.s.availability);
    this.composer.show(locked ? "talk" : mode, {
      locked,
      consent: phase === "ask" ? this.consent() : undefined,
      keep: keptFor(phase === "ask" || phase === "opening" ? this.kept?.[mode === "message" ? "message" : "live"] : this.s.keep),
      other: choice ? t(mode === "message" ? "chat.app.rather_chat" : "chat.app.rather_message") : undefined,
      gone: phase === "waiting" || (choice && mode !== "message"),
    });
    show(one("#chat-log"), this.talk !== undefined);
    this.options.show(phase, this.s.hasCode);
  }

  private consent(): string {
    return this.teamName ? t("chat.app.consent", { team: this.teamName }) : t("chat.app.consent_nameless");
  }
}
