// What one person holds of a room: all epochs and the keys they could open.
// Twin of internal/seal/room.go.

import { b64, random, unb64 } from "./bytes";
import type { Chain } from "./chain";
import {
  checkEpoch, checkLink, newEpoch, openEpoch, openHistory, readersOf, sameEpoch, seekerOf, type Epoch,
} from "./epoch";
import { refuse, SealError } from "./errors";
import { SEEKER, type Header, type RoomKey } from "./message";
import { kidOf, type ReaderKey } from "./suite";

/** Change describes the next epoch of a room. */
export interface Change {
  /** of the team that reads from now on */
  chain: Chain;
  /** kids of its newest state; undefined: all readers */
  readers?: readonly string[] | undefined;
  /** new public key of the seeker; undefined: as before */
  seeker?: string | undefined;
  /** let new readers see earlier text (the seeker's consent, or the same team) */
  history?: boolean | undefined;
  /** for expiry */
  at: Date;
}

/** newRoom makes a room in the seeker's hand, with epoch 0 to send to the server. */
export async function newRoom(o: {
  seeker: ReaderKey;
  chain: Chain;
  readers?: readonly string[] | undefined;
  at: Date;
}): Promise<{ room: Room; epoch: Epoch }> {
  const room = new Room(b64(random(16)), o.seeker);
  return { room, epoch: await room.next({ chain: o.chain, readers: o.readers, at: o.at }) };
}

/** openRoom opens all epochs of a room, oldest first, with the key of one reader. */
export async function openRoom(key: ReaderKey, epochs: readonly Epoch[]): Promise<Room> {
  const room = new Room(epochs[0]?.room ?? refuse("wrong_epoch"), key);
  for (const e of epochs) await room.accept(e);
  return room;
}

export class Room {
  readonly id: string;
  readonly #me: ReaderKey;
  #epochs: Epoch[] = [];
  #keys: (RoomKey | undefined)[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  constructor(id: string, me: ReaderKey) {
    this.id = id;
    this.#me = me;
  }

  /**
   * accept takes the next epoch: form, place, link whenever the previous key is
   * known, own wrap, history. A repeated identical epoch is ignored; on a
   * SealError nothing changes. Who the recipients are is checked by Chain.
   */
  accept(e: Epoch): Promise<void> {
    return this.#serial(() => this.#accept(e));
  }

  async #accept(e: Epoch): Promise<void> {
    await checkEpoch(e);
    if (e.room !== this.id) refuse("wrong_room");
    const have = this.#epochs[e.epoch];
    if (have) return sameEpoch(have, e) ? undefined : refuse("epoch_changed");
    if (e.epoch !== this.#epochs.length) refuse("wrong_epoch");
    const epochs = [...this.#epochs, e];
    const keys = await this.#open(e);
    for (const [i, next] of epochs.entries()) {
      const prev = keys[i - 1];
      if (prev) await checkLink(next, prev);
    }
    this.#epochs = epochs;
    this.#keys = keys;
  }

  async #open(e: Epoch): Promise<(RoomKey | undefined)[]> {
    const key = await openEpoch(e, this.#me).catch((err: unknown) => {
      if (err instanceof SealError && err.code === "not_recipient") return undefined;
      throw err;
    });
    if (!key) return [...this.#keys, undefined];
    const past = await openHistory(e, key, this.#epochs);
    return [...(past.length > 0 ? past : this.#keys), key];
  }

  /** next makes the following epoch and takes it in; send it to the server. It needs the newest key, for history all. */
  next(c: Change): Promise<Epoch> {
    return this.#serial(() => this.#next(c));
  }

  async #next(c: Change): Promise<Epoch> {
    const pub = c.seeker ?? (this.#epochs.length > 0 ? seekerOf(this.current).pub : undefined) ?? this.#me.pub;
    const seeker = { kid: await kidOf(unb64(pub)), kind: "seeker" as const, pub };
    const { epoch, key } = await newEpoch({
      room: this.id, team: c.chain.team, teamState: c.chain.headHash,
      readers: [...c.chain.pick(c.readers, c.at), seeker],
      earlier: this.#keys, history: c.history ?? false,
    });
    this.#epochs = [...this.#epochs, epoch];
    this.#keys = [...this.#keys, key];
    return epoch;
  }

  /** current is the newest epoch. */
  get current(): Epoch {
    return this.#epochs[this.#epochs.length - 1] ?? refuse("wrong_epoch");
  }

  /** epochs lists all, oldest first. */
  get epochs(): readonly Epoch[] {
    return this.#epochs;
  }

  /** key gives the key of an epoch; wrong_epoch for an unknown one, locked for one that cannot be opened here. */
  key(epoch: number): RoomKey {
    if (!(epoch in this.#epochs)) refuse("wrong_epoch");
    return this.#keys[epoch] ?? refuse("locked");
  }

  /** seal encrypts under the newest epoch; body is base64url as it travels. */
  async seal(h: Header, plain: Uint8Array): Promise<{ epoch: number; body: string }> {
    const key = this.key(this.current.epoch);
    return { epoch: key.epoch, body: b64(await key.seal(h, plain)) };
  }

  /** mayBe tells whether a sender label can occur in an epoch. */
  mayBe(sender: string, epoch: number): boolean {
    const e = this.#epochs[epoch];
    return e !== undefined && (sender === SEEKER || readersOf(e).includes(sender));
  }

  #serial<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(act);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
