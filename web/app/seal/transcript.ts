// The receiver's state machine: it never drops anything silently and never
// shows unverified text. Twin of internal/seal/transcript.go.

import { isU32, unb64, type Bin } from "./bytes";
import { refuse, SealError, type Reason } from "./errors";
import type { Room } from "./room";

/** Message is a sealed message as the server keeps it; seq is the server's order, gap-free from 1. */
export interface Message {
  seq: number;
  id: string;
  sender: string;
  epoch: number;
  n: number;
  after: number;
  body: string;
}

/**
 * Item is one entry of a verified transcript. missing: count messages of sender
 * ("" = the server's order has a hole) are not here. altered: what stands here
 * fails verification. locked: text from before this reader was let in.
 */
export type Item =
  | { kind: "message"; seq: number; sender: string; id: string; epoch: number; plain: Bin }
  | { kind: "missing"; seq: number; sender: string; epoch: number; count: number; reason: Reason }
  | { kind: "altered" | "locked"; seq: number; sender: string; id: string; epoch: number; reason: Reason };

interface SenderState {
  n: number;
  after: number;
  altered: number;
}

/** Transcript takes every message in server order. When a room learns new keys, build a new one from the start. */
export class Transcript {
  readonly #room: Room;
  #seq = 0;
  #epoch = 0;
  #holes = 0;
  readonly #ids = new Set<string>();
  readonly #seen = new Map<number, string>();
  readonly #senders = new Map<string, SenderState>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(room: Room) {
    this.#room = room;
  }

  /** seq is the highest server position taken in: after of the next message to send. */
  get seq(): number {
    return this.#seq;
  }

  /** next is n for the next message of a sender; send one at a time. */
  next(sender: string): number {
    return this.#sender(sender).n + 1;
  }

  /** has tells whether a verified message with this id is in. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** add takes one message and returns what to show, in order; nothing for an exact repetition. */
  add(m: Message): Promise<Item[]> {
    const result = this.#turn.then(() => this.#add(m));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #add(m: Message): Promise<Item[]> {
    const content = JSON.stringify([m.id, m.sender, m.epoch, m.n, m.after, m.body]);
    if (!isU32(m.seq) || m.seq <= this.#seq) {
      return this.#seen.get(m.seq) === content ? [] : [altered(m, "replayed")];
    }
    const out: Item[] = [];
    const hole = m.seq - this.#seq - 1;
    if (hole > 0) {
      this.#holes += hole;
      out.push({ kind: "missing", seq: m.seq, sender: "", epoch: this.#epoch, count: hole, reason: "wrong_position" });
    }
    this.#seq = m.seq;
    this.#seen.set(m.seq, content);
    return [...out, ...(await this.#verify(m))];
  }

  async #verify(m: Message): Promise<Item[]> {
    const s = this.#sender(m.sender);
    try {
      return this.#accept(m, s, await this.#open(m, s));
    } catch (err) {
      const reason = err instanceof SealError ? err.code : "bad_tag";
      if (reason === "locked") {
        s.n = Math.max(s.n, m.n);
        s.after = Math.max(s.after, m.after);
        return [{ kind: "locked", seq: m.seq, sender: m.sender, id: m.id, epoch: m.epoch, reason }];
      }
      s.altered++;
      return [altered(m, reason)];
    }
  }

  #accept(m: Message, s: SenderState, plain: Bin): Item[] {
    const out: Item[] = [];
    const count = this.#unexplained(m.n - s.n - 1, s);
    if (count > 0) {
      out.push({ kind: "missing", seq: m.seq, sender: m.sender, epoch: m.epoch, count, reason: "wrong_position" });
    }
    this.#senders.set(m.sender, { n: m.n, after: m.after, altered: 0 });
    this.#epoch = m.epoch;
    this.#ids.add(m.id);
    return [...out, { kind: "message", seq: m.seq, sender: m.sender, id: m.id, epoch: m.epoch, plain }];
  }

  /** Lost messages that are not already shown as altered items or as a hole in the server's order. */
  #unexplained(lost: number, s: SenderState): number {
    const rest = lost - Math.min(lost, s.altered);
    const fromHoles = Math.min(rest, this.#holes);
    this.#holes -= fromHoles;
    return rest - fromHoles;
  }

  async #open(m: Message, s: SenderState): Promise<Bin> {
    if (!isU32(m.epoch) || !isU32(m.n) || !isU32(m.after)) refuse("bad_encoding");
    if (m.epoch >= this.#room.epochs.length || m.epoch < this.#epoch) refuse("wrong_epoch");
    if (!this.#room.mayBe(m.sender, m.epoch)) refuse("wrong_sender");
    if (this.#ids.has(m.id) || m.n <= s.n) refuse("replayed");
    if (m.after >= m.seq || m.after < s.after) refuse("wrong_position");
    return this.#room.key(m.epoch).open(m, unb64(m.body));
  }

  #sender(name: string): SenderState {
    const known = this.#senders.get(name) ?? { n: 0, after: 0, altered: 0 };
    this.#senders.set(name, known);
    return known;
  }
}

function altered(m: Message, reason: Reason): Item {
  return { kind: "altered", seq: m.seq, sender: m.sender, id: m.id, epoch: m.epoch, reason };
}
