// One conversation as this desk holds it: state, keys, log entries, what is
// being sent. Everything that touches the keys runs one after another.
import { decodeContent, type Content, type Item, type StaffKeys } from "./seal/index";
import { post, read } from "./team_api";
import { ended, mineNow, type EpochFact, type Entry, type ReaderFact, type Stop, type TalkState, type TeamInfo } from "./team_model";
import { tag, topicName } from "./team_format";
import { SealedRoom, type Detail } from "./team_room";
import { t } from "./texts";
import { Typing } from "./typing";
import { Refused, type MessageFrame, type Sealed, type Wire } from "./wire";

const PATH = "conversations/";
const PAGE = 200;
/** Earlier text that this person may not read is told once, however much it is. */
const LOCKED = "locked";

/** TalkEvents tells the console what to renew. */
export interface TalkEvents {
  entries(talk: Talk, fresh: Entry[], history: boolean): void;
  changed(talk: Talk): void;
}

/** Desk is what a talk needs to know of its surroundings. */
export interface Surroundings {
  keys: StaffKeys;
  wire(): Wire;
  team(id: string): TeamInfo | undefined;
}

/** Secrecy is what the context pane shows about the keys. */
export interface Secrecy {
  readers: ReaderFact[];
  epochs: EpochFact[];
  teamWords: string[];
}

/** Talk is one conversation. */
export class Talk {
  readonly entries: Entry[] = [];
  secrecy: Secrecy = { readers: [], epochs: [], teamWords: [] };
  stop: Stop | null = null;
  broken = 0;
  /** The name the seeker asked to be called by; empty when there is none. */
  name = "";
  readonly #typing = new Typing(() => this.events.changed(this));
  #room: SealedRoom | null = null;
  #known: SealedRoom | undefined; // the epochs seen last, also across a reload
  #turn: Promise<unknown> = Promise.resolve();
  #sent: Promise<number> = Promise.resolve(0);
  #waiters: Array<{ seq: number; go: () => void }> = [];
  #loading = false;

  constructor(readonly id: string, public state: TalkState, private readonly around: Surroundings, private readonly events: TalkEvents) {}

  /** title is what this conversation is called: the name the seeker chose, or a short mark, and the topic. */
  get title(): string {
    const topic = this.state.topic ? " · " + topicName(this.state.topic) : "";
    return (this.name || tag(this.id)) + topic;
  }

  /** typing tells whether the seeker is writing. */
  get typing(): boolean {
    return this.#typing.who !== "";
  }

  /** types takes the word that the seeker is writing, or has stopped. */
  types(on: boolean): void {
    this.#typing.heard(on ? "seeker" : "");
  }

  /** mine tells whether this person answers here. */
  get mine(): boolean {
    return mineNow(this.state, this.around.keys.kid);
  }

  /** marks are how far the seeker's side has come. */
  get marks(): { delivered: number; read: number } {
    return { delivered: this.state.delivered ?? 0, read: this.state.read ?? 0 };
  }

  /** last is the newest position shown. */
  get last(): number {
    return this.#room?.seq ?? 0;
  }

  /** load opens the conversation and reads what was written. A refusal of the encryption becomes the stop. */
  load(): Promise<void> {
    if (this.#loading || this.#room) return this.#turn as Promise<void>;
    this.#loading = true;
    return this.#next(async () => {
      try {
        await this.#open();
      } catch (thrown) {
        this.#halt(thrown);
      } finally {
        this.#loading = false;
      }
      this.events.changed(this);
    });
  }

  /** reload begins again from nothing: after a stop that may pass, or when keys have come that open earlier text. */
  reload(): Promise<void> {
    this.stop = null;
    this.#room = null;
    return this.load();
  }

  /** renewed takes a newer state of the server. */
  renewed(state: TalkState): void {
    if ((state.rev ?? 0) < (this.state.rev ?? 0)) return;
    this.state = state;
    if (state.state !== "active") this.types(false);
    if (this.#room && state.epoch > this.#room.epoch && !this.#loading) void this.reload();
    this.events.changed(this);
  }

  /** receive takes one message of the socket, in order. */
  receive(m: MessageFrame): void {
    void this.#next(async () => {
      if (!this.#room || m.seq <= this.#room.seq) return;
      if (m.epoch > this.#room.epoch) await this.#open();
      else this.#show(await this.#take([m]), false);
      this.#wake();
    });
  }

  /** write shows a text at once and sends it when it is sealed. */
  write(text: string): void {
    const entry: Entry = { id: crypto.randomUUID(), who: "me", name: t("team.log.me"), text, at: "", seq: 0, progress: "sending" };
    this.#show([entry], false);
    this.#send(entry);
  }

  /** again sends a text once more that had failed. */
  again(id: string): void {
    const entry = this.entries.find((e) => e.id === id && e.progress === "failed");
    if (!entry) return;
    entry.progress = "sending";
    this.#show([entry], false);
    this.#send(entry);
  }

  #send(entry: Entry): void {
    const before = this.#sent;
    const sent = this.around.wire().send(this.id, entry.id, async () => {
      await this.#reached(await before);
      return this.#next(() => this.#seal(entry));
    });
    this.#sent = sent.then((ack) => ack.seq, () => before);
    sent.then(
      (ack) => Object.assign(entry, { progress: "sent", seq: ack.seq, at: ack.at }),
      (thrown) => {
        entry.progress = "failed";
        if (!(thrown instanceof Refused)) this.#halt(thrown);
      },
    ).then(() => {
      this.#show([entry], false);
      this.events.changed(this);
    });
  }

  async #seal(entry: Entry): Promise<Sealed> {
    if (!this.#room || this.stop) throw Object.assign(new Error("bad_key"), { code: "bad_key" });
    if (this.#room.stale()) await this.#renew();
    return this.#room.seal(entry.id, entry.text);
  }

  /** repair answers a refused message: with fresh epochs it may be sealed again. */
  async repair(code: string): Promise<boolean> {
    if (code !== "epoch_stale" && code !== "out_of_order" && code !== "bad_after") return false;
    await this.#next(() => this.#open());
    return !this.stop;
  }

  async #renew(): Promise<void> {
    const policy = this.around.team(this.state.team)?.policy ?? "team";
    const epoch = await this.#room!.renew(policy);
    await post(PATH + this.id + "/epochs", epoch).catch(() => undefined);
    await this.#open();
  }

  async #open(): Promise<void> {
    const detail = await read<Detail>(PATH + this.id);
    if ((detail.conversation.rev ?? 0) >= (this.state.rev ?? 0)) this.state = detail.conversation;
    this.#known = this.#room = await SealedRoom.open(this.around.keys, detail, this.#known);
    await this.#history();
    this.secrecy = { readers: await this.#room.readers(), epochs: this.#room.epochs(), teamWords: await this.#room.words() };
    this.around.wire().track(this.id, this.#room.seq);
    this.#wake();
  }

  async #history(): Promise<void> {
    const fresh: Entry[] = [];
    for (let more = true; more; ) {
      const page = await read<{ messages: MessageFrame[]; more: boolean }>(PATH + this.id + "/messages", { after: this.#room!.seq, limit: PAGE });
      fresh.push(...(await this.#take(page.messages.map((m) => ({ ...m, c: this.id })))));
      more = page.more && page.messages.length > 0;
    }
    const pending = this.entries.filter((e) => e.who === "me" && e.seq === 0 && !fresh.some((f) => f.id === e.id));
    this.broken = fresh.filter((e) => e.broken && e.broken !== "locked").length;
    this.entries.splice(0, this.entries.length, ...fresh, ...pending);
    this.events.entries(this, this.entries, true);
  }

  async #take(messages: readonly MessageFrame[]): Promise<Entry[]> {
    const out: Entry[] = [];
    for (const m of messages) for (const item of await this.#room!.add(m)) out.push(this.#entry(item, m));
    return out.filter((entry, i) => entry.id !== LOCKED || out.findIndex((other) => other.id === LOCKED) === i);
  }

  #entry(item: Item, m: MessageFrame): Entry {
    const who = item.sender === "seeker" ? "seeker" : item.sender === this.around.keys.kid ? "me" : "colleague";
    const name = who === "seeker" ? this.name || t("team.log.seeker") : who === "me" ? t("team.log.me") : this.#room!.nameOf(item.sender) || t("team.log.colleague");
    if (item.kind === "message") return this.#message(item, { id: m.id, who, name, text: "", at: m.at, seq: m.seq, progress: "sent" });
    const id = item.kind === "locked" ? LOCKED : item.kind + "-" + item.seq + "-" + item.sender;
    const count = item.kind === "missing" ? item.count : 1;
    return { id, who: "remark", name: "", text: "", at: m.at, seq: m.seq, broken: item.kind, count };
  }

  /** #message reads the content: words, or something about the seeker. */
  #message(item: Extract<Item, { kind: "message" }>, entry: Entry): Entry {
    const { kind, text = "" } = readContent(item.plain);
    if (kind !== "name" || entry.who !== "seeker") return { ...entry, text };
    this.name = text.trim().slice(0, 60);
    return { ...entry, who: "remark", text: t("team.log.named", { name: this.name }) };
  }

  #show(fresh: Entry[], history: boolean): void {
    for (const entry of fresh) {
      const at = this.entries.findIndex((e) => e.id === entry.id);
      if (at < 0) this.entries.push(entry);
      else this.entries[at] = Object.assign(this.entries[at]!, entry);
      if (entry.broken && entry.broken !== "locked") this.broken += 1;
    }
    if (fresh.length > 0) this.events.entries(this, fresh, history);
  }

  #halt(thrown: unknown): void {
    const code = (thrown as { code?: string }).code ?? "internal";
    if (ended(this.state)) return;
    this.stop = { code: stopFor(code, thrown), reason: code };
  }

  /** #reached waits until a position is in the transcript. */
  #reached(seq: number): Promise<void> {
    if (seq <= this.last) return Promise.resolve();
    return new Promise((go) => this.#waiters.push({ seq, go }));
  }

  #wake(): void {
    const ready = this.#waiters.filter((w) => w.seq <= this.last);
    this.#waiters = this.#waiters.filter((w) => w.seq > this.last);
    ready.forEach((w) => w.go());
  }

  #next<T>(act: () => Promise<T>): Promise<T> {
    const run = this.#turn.then(act, act);
    this.#turn = run.catch(() => undefined);
    return run;
  }
}

/** readContent gives what stands in a message; what is no content is shown as empty text. */
function readContent(plain: Uint8Array<ArrayBuffer>): Content {
  try {
    return decodeContent(plain);
  } catch {
    return {};
  }
}

/** STOPS are refusals that mean: the server shows something that was not signed or not agreed. */
const STOPS: Record<string, string> = {
  rollback: "rollback",
  unknown_recipient: "recipient",
  not_recipient: "no_key",
  locked: "no_key",
};

function stopFor(code: string, thrown: unknown): string {
  if ((thrown as { name?: string }).name === "Problem") return "load";
  return STOPS[code] ?? "verify";
}
