/**
 * One conversation: the socket and the seat put together. It sends sealed
 * words, opens what arrives, follows changes of the readers, and reports to
 * the page. When a check fails it stops the line and sends nothing more.
 */
import { Problem } from "./api";
import type { Line as Entry, Seat } from "./chat_seat";
import { NeedsConsent, Untrusted } from "./chat_trust";
import { Refused, Wire, type Line, type MessageFrame, type QueueFrame, type ServerFrame, type StateFrame } from "./wire";
import type { Env } from "./wire_env";

export interface Told {
  line(l: Line): void;
  state(s: StateFrame): void;
  queue(q: QueueFrame): void;
  entry(e: Entry): void;
  typing(name: string, on: boolean): void;
  /** The server wants another team to read; agree or refuse. */
  consent(team: string, label: string): void;
  /** Who can read has changed. */
  readers(): void;
  refused(code: string): void;
  untrusted(code: string): void;
}

/** Own typing is told at most so often, milliseconds. */
const TYPING = 3_000;
/** How long the page waits before it tries again to make an epoch. */
const AGAIN = 3_000;
/** How often a message is sealed again before it counts as refused. */
const REPAIRS = 5;

export class Talk {
  private wire: Wire;
  private rev = -1;
  private repairs = 0;
  private typed = 0;
  private seen = 0; // as told to the server
  private arrived = 0; // likewise
  private wanted = ""; // the team that has to be able to read

  constructor(readonly seat: Seat, readonly c: string, private told: Told, options: { env?: Env; url?: string } = {}) {
    this.wire = new Wire({
      credential: () => Promise.resolve({ token: seat.stored.token }),
      line: (l) => told.line(l),
      welcome: (w) => { for (const s of w.conversations ?? []) this.state(s); },
      message: (m) => this.message(m),
      frame: (f) => this.frame(f),
      repair: (_, code) => Promise.resolve(this.repair(code)),
      ...options,
    });
    this.wire.track(c, seat.seq);
  }

  start(): void { this.wire.start(); }
  stop(): void { this.wire.stop(); }
  hurry(): void { this.wire.hurry(); }

  /** Number of messages that are not yet safe. */
  get pending(): number { return this.wire.pending; }

  /** Sends words; rejects with what the page can tell (Refused, Problem, Untrusted). */
  async send(id: string, content: { text: string; kind?: string }): Promise<void> {
    try {
      await this.wire.send(this.c, id, this.seat.sealer(id, content));
      this.repairs = 0;
    } catch (err) {
      this.seat.dropped(id);
      if (err instanceof Untrusted) this.distrust(err);
      throw err;
    }
  }

  /** Tells that the person is writing, not what. */
  typing(on: boolean): void {
    const now = Date.now();
    if (on && now - this.typed < TYPING) return;
    if (!on && this.typed === 0) return;
    this.typed = on ? now : 0;
    this.wire.tell({ t: "typing", c: this.c, on });
  }

  /** Everything up to here was shown to a person who looks at the page. */
  read(): void {
    const seq = this.seat.seq;
    if (seq > this.seen && this.wire.tell({ t: "read", c: this.c, seq, delivered: seq })) this.seen = this.arrived = seq;
  }

  release(as: "message" | "queue"): void { this.wire.tell({ t: "release", c: this.c, as }, true); }
  close(): void { this.wire.tell({ t: "close", c: this.c }, true); }
  gone(on_gone: "keep" | "discard"): void { this.wire.tell({ t: "status", c: this.c, on_gone }, true); }
  urgent(): void { this.wire.tell({ t: "status", c: this.c, urgent: true }, true); }

  /** The person's word on a transfer; with yes the team may read everything. */
  transfer(yes: boolean, team: string, label: string): void {
    if (yes) this.seat.agree(team, label);
    this.wire.tell({ t: "transfer", c: this.c, step: yes ? "consent" : "refuse" }, true);
    if (yes && this.wanted === team) void this.follow(team);
  }

  /** Tries again after a check has failed. */
  async retry(): Promise<void> {
    this.seat.doubt();
    try {
      await this.seat.refresh(0);
      this.wire.start();
    } catch (err) {
      this.trouble(err);
    }
  }

  private message(m: MessageFrame): void {
    this.seat.take(m).then((entries) => {
      for (const e of entries) this.told.entry(e);
      this.delivered();
    }, (err) => this.lost(err));
  }

  /** Tells that words have arrived, also while nobody looks. */
  private delivered(): void {
    const delivered = this.seat.seq;
    if (delivered > this.arrived && this.wire.tell({ t: "read", c: this.c, seq: this.seen, delivered })) this.arrived = delivered;
  }

  /** A message could not be placed: the conversation is gone or not to be trusted. */
  private lost(err: unknown): void {
    if (err instanceof Untrusted) return this.distrust(err);
    this.wire.stop();
    this.told.refused(err instanceof Problem ? err.code : "internal");
  }

  private frame(f: ServerFrame): void {
    if (f.t === "state") this.state(f);
    else if (f.t === "queue" && "position" in f) this.told.queue(f);
    else if (f.t === "roster" && "readers" in f) void this.follow(f.team);
    else if (f.t === "typing" && f.who !== "seeker") this.told.typing(this.seat.nameOf(f.who), f.on);
    else if (f.t === "error") this.told.refused(f.code);
  }

  private state(s: StateFrame): void {
    if (s.c !== this.c || s.rev < this.rev) return;
    this.rev = s.rev;
    this.told.state(s);
    if (s.state !== "purged") this.seat.refresh(s.epoch).then(() => this.told.readers(), (err) => this.trouble(err));
  }

  /** Makes the epoch the server asks for, as soon as that works. */
  private async follow(team: string): Promise<void> {
    this.wanted = team;
    try {
      await this.seat.follow(team);
      this.wanted = "";
      this.told.readers();
    } catch (err) {
      if (err instanceof NeedsConsent) this.told.consent(err.team, err.label);
      else if (err instanceof Problem && this.wire.online) setTimeout(() => void this.follow(team), AGAIN);
      else this.trouble(err);
    }
  }

  private repair(code: string): boolean {
    if (!["epoch_stale", "out_of_order", "bad_after"].includes(code)) return false;
    this.seat.doubt();
    return ++this.repairs <= REPAIRS;
  }

  private trouble(err: unknown): void {
    if (err instanceof Untrusted) this.distrust(err);
    else if (!(err instanceof Problem)) throw err;
  }

  private distrust(err: Untrusted): void {
    this.wire.stop();
    this.told.untrusted(err.code);
  }
}

/** The code to explain to the person why words were not taken. */
export function codeOf(err: unknown): string {
  return err instanceof Refused || err instanceof Problem || err instanceof Untrusted ? err.code : "internal";
}
