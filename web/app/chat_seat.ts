/**
 * A seeker's seat: the keys of one conversation and what was verified of it.
 *
 * It makes and checks epochs, seals what goes out and opens what comes in.
 * Whatever cannot be verified is thrown as Untrusted; the page then stops and
 * sends nothing more. Plain text and keys leave this file only to the page.
 */
import { Problem } from "./api";
import * as server from "./chat_api";
import { save, type Stored } from "./chat_store";
import { keyFor, NeedsConsent, people, persevere, trusted } from "./chat_trust";
import {
  SEEKER, SealError, Transcript, b64, decodeContent, encodeContent, newCode, newRoom, newSeed, openRoom,
  seekerKey, verify, type Chain, type Code, type Content, type Epoch, type Item, type ReaderKey, type Room,
  type SignedState,
} from "./seal/index";
import type { MessageFrame, Sealed, StateFrame } from "./wire_frames";

/** One verified thing to show, or what stands in its place. */
export interface Line {
  kind: Item["kind"];
  seq: number; id: string; at: string; sender: string; name: string;
  mine: boolean; content?: Content; count: number;
}

/** Somebody who can read from here on. */
export interface Reader { kid: string; name: string; recovery: boolean }

export class Seat {
  private transcript: Transcript;
  private frames: MessageFrame[] = [];
  private chains = new Map<string, Chain>();
  private teams = new Map<string, string>(); // id → name, the ones the seeker agreed to
  private turn: Promise<unknown> = Promise.resolve();
  private own: Promise<void> = Promise.resolve();
  private placed = new Map<string, () => void>();
  private stale = false; // the server may hold epochs that this seat does not

  private constructor(readonly stored: Stored, private room: Room) {
    this.transcript = new Transcript(room);
  }

  /** Makes the keys of a new conversation for these readers. Nothing is sent yet. */
  static async begin(to: server.Recipients, pins: Stored["pins"] = {}): Promise<{ seat: Seat; epoch: Epoch }> {
    const seed = newSeed();
    const me = await seekerKey(seed);
    const chain = await trusted(() => verify(to.team.id, to.chain, pins[to.team.id] ?? ""));
    const { room, epoch } = await trusted(() =>
      newRoom({ seeker: me, chain, readers: people(chain, to.readers), at: new Date() }));
    const token = b64(crypto.getRandomValues(new Uint8Array(32)));
    const seat = new Seat({ token, seed: b64(seed), pins: { ...pins } }, room);
    seat.agree(to.team.id, to.team.name);
    seat.learn(chain);
    return { seat, epoch };
  }

  /** Takes the seat again after a reload or on another device; gives the state and all lines. */
  static async restore(stored: Stored): Promise<{ seat: Seat; state: StateFrame; lines: Line[]; hasReturn: boolean }> {
    const own = await server.conversation(stored.token);
    const me = await keyFor(stored, own.epochs);
    const room = await trusted(() => openRoom(me, own.epochs));
    const seat = new Seat(stored, room);
    for (const epoch of own.epochs) seat.agree(epoch.team, "");
    await seat.checkEpochs(own.chains);
    seat.persist();
    const lines: Line[] = [];
    for (const frame of await server.history(stored.token, 0)) lines.push(...await seat.take(frame));
    return { seat, state: own.conversation, lines, hasReturn: own.has_return };
  }

  /** Everybody who can read from here on, except the seeker. */
  get readers(): Reader[] {
    const kids = new Set(this.room.current.recipients.map((r) => r.kid));
    return (this.chain?.head.members ?? []).filter((m) => kids.has(m.kid))
      .map((m) => ({ kid: m.kid, name: m.name, recovery: m.recovery === true }));
  }

  /** Hash of the first state of the team's chain: what the six words stand for. */
  get genesis(): string {
    return this.chain?.genesis ?? "";
  }

  /** The team that reads now. */
  get team(): string {
    return this.room.current.team;
  }

  /** Its name, "" if it is not known yet. */
  get teamName(): string {
    return this.teams.get(this.team) ?? "";
  }

  /** The last position that was taken in. */
  get seq(): number {
    return this.transcript.seq;
  }

  /** The seeker lets this team read, with everything written so far. */
  agree(team: string, name: string): void {
    this.teams.set(team, name || this.teams.get(team) || "");
  }

  /** The name of a sender as the team has signed it. */
  nameOf(kid: string): string {
    for (const chain of this.chains.values()) {
      const member = chain.states.flatMap((s) => s.members).findLast((m) => m.kid === kid);
      if (member) return member.name;
    }
    return "";
  }

  /** Verifies one message; gives what to show, in order. */
  take(frame: MessageFrame): Promise<Line[]> {
    return this.serial(async () => {
      if (this.stale || frame.epoch > this.room.current.epoch) await this.reload();
      this.frames.push(frame);
      const items = await this.transcript.add(frame);
      this.placed.get(frame.id)?.();
      return items.map((item) => this.line(item, frame));
    });
  }

  /**
   * Registers an own message; the result seals it when it is its turn. Call
   * dropped when the server has refused it for good.
   */
  sealer(id: string, content: Content): () => Promise<Sealed> {
    const before = this.own;
    this.own = new Promise((done) => this.placed.set(id, done));
    return async () => {
      await before;
      return this.serial(() => this.seal(id, content));
    };
  }

  /** The message id will never arrive; the ones behind it may go. */
  dropped(id: string): void {
    this.placed.get(id)?.();
  }

  /** The server may hold epochs this seat does not know: look before the next step. */
  doubt(): void {
    this.stale = true;
  }

  /** Looks at all epochs of the server now, if the one with this number is not known. */
  refresh(epoch: number): Promise<void> {
    return this.serial(async () => {
      if (this.stale || epoch > this.room.current.epoch) await this.reload();
    });
  }

  /** Makes the epoch that lets exactly the present readers of team read. Throws NeedsConsent. */
  follow(team: string): Promise<void> {
    return this.serial(() => this.renew(team));
  }

  /**
   * Makes a return code: a new key for the seeker, an epoch that carries all
   * earlier text to it, and the proof for the server. The code is not kept.
   */
  returnCode(): Promise<Code> {
    return this.serial(async () => {
      const code = newCode();
      const seed = await code.returnSeed();
      const key = await seekerKey(seed);
      this.keep({ next: b64(seed) });
      await this.renew(this.team, key);
      this.keep({ seed: this.stored.next ?? this.stored.seed, next: undefined });
      this.stale = true; // reopen with the new key
      await server.setReturn(this.stored.token, await code.returnAuth());
      return code;
    });
  }

  private get chain(): Chain | undefined {
    return this.chains.get(this.team);
  }

  private async seal(id: string, content: Content): Promise<Sealed> {
    if (this.stale) await this.reload();
    await this.ensureCurrent();
    const header = { sender: SEEKER, id, n: this.transcript.next(SEEKER), after: this.transcript.seq };
    const { epoch, body } = await this.room.seal(header, encodeContent(content));
    return { sender: SEEKER, epoch, n: header.n, after: header.after, body };
  }

  /** A reader who left since must not get the next message: renew first, stop if that does not help. */
  private async ensureCurrent(): Promise<void> {
    const fits = () => { this.chain!.checkCurrent(this.room.current, new Date()); };
    try {
      fits();
    } catch (err) {
      if (!(err instanceof SealError)) throw err;
      await this.renew(this.team);
      await trusted(async () => fits());
    }
  }

  private async renew(team: string, seeker?: ReaderKey, tries = 3): Promise<void> {
    if (this.stale) await this.reload();
    const to = await server.teamRecipients(this.stored.token, team);
    if (!this.teams.has(team)) throw new NeedsConsent(team, to.team.name);
    this.agree(team, to.team.name);
    const chain = await trusted(() => verify(team, to.chain, this.stored.pins[team] ?? ""));
    this.learn(chain);
    if (!seeker && this.reads(team, chain.headHash, to.readers)) return;
    const epoch = await trusted(() =>
      this.room.next({ chain, readers: people(chain, to.readers), seeker, history: true, at: new Date() }));
    this.stale = true;
    try {
      await server.addEpoch(this.stored.token, epoch);
      this.stale = false;
    } catch (err) {
      const again = err instanceof Problem && (err.code === "epoch_stale" || err.code === "recipients_changed");
      if (!again || tries <= 1) throw err;
      await this.renew(team, seeker, tries - 1);
    }
  }

  /** Whether the present epoch already is for exactly these readers. */
  private reads(team: string, hash: string, kids: string[]): boolean {
    const now = this.room.current;
    const have = now.recipients.filter((r) => r.kind !== "seeker").map((r) => r.kid).sort();
    return now.team === team && now.team_state === hash && have.join() === [...kids].sort().join();
  }

  /** Opens the room anew from what the server holds and checks all of it. */
  private async reload(): Promise<void> {
    const own = await persevere(() => server.conversation(this.stored.token));
    await keyFor(this.stored, own.epochs); // a new seed that arrived is kept for good
    await trusted(() => this.room.follow(own.epochs));
    await this.checkEpochs(own.chains);
    this.transcript = new Transcript(this.room);
    for (const frame of this.frames) await this.transcript.add(frame);
    this.stale = false;
  }

  private async checkEpochs(chains: Record<string, SignedState[]>): Promise<void> {
    for (const [team, states] of Object.entries(chains)) {
      this.learn(await trusted(() => verify(team, states, this.stored.pins[team] ?? "")));
    }
    await trusted(async () => {
      this.room.epochs.forEach((epoch, i) => {
        const chain = this.chains.get(epoch.team);
        if (!chain || !this.teams.has(epoch.team)) throw new SealError("wrong_team");
        chain.check(epoch);
        if (i > 0) chain.checkOrder(this.room.epochs[i - 1]!, epoch);
      });
    });
  }

  private learn(chain: Chain): void {
    this.chains.set(chain.team, chain);
    this.keep({ pins: { ...this.stored.pins, [chain.team]: chain.headHash } });
  }

  private keep(change: Partial<Stored>): void {
    Object.assign(this.stored, change);
    if (this.live) save(this.stored);
  }

  /** True once the seat is to survive a reload; before, nothing is stored. */
  private live = false;

  /** From now on the seat survives a reload of the tab. */
  persist(): void {
    this.live = true;
    save(this.stored);
  }

  private line(item: Item, frame: MessageFrame): Line {
    const { kind, seq, sender } = item;
    const mine = sender === SEEKER;
    const line = {
      kind, seq, sender, mine, at: frame.at, id: item.kind === "missing" ? "" : item.id,
      name: mine ? "" : this.nameOf(sender), count: item.kind === "missing" ? item.count : 1,
    };
    if (item.kind !== "message") return line;
    try {
      return { ...line, content: decodeContent(item.plain) };
    } catch {
      return { ...line, kind: "altered" };
    }
  }

  /** Steps that read and change keys or positions come one after the other. */
  private serial<T>(step: () => Promise<T>): Promise<T> {
    const next = this.turn.then(step, step);
    this.turn = next.catch(() => undefined);
    return next;
  }
}
