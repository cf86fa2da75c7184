// What one person holds of a room: all epochs and the keys they could open.
// Twin of internal/seal/room.go.

import { b64, random } from "./bytes";
import type { Chain } from "./chain";
import {
  checkEpoch, checkLink, checkOwn, newEpoch, openEpoch, openHistory, readersOf, sameEpoch, seekerOf, type Epoch, type Reader,
} from "./epoch";
import { refuse } from "./errors";
import { SEEKER, type Header, type RoomKey } from "./message";
import type { ReaderKey } from "./suite";

/** Change describes the next epoch of a room. */
export interface Change {
  /** of the team that reads from now on */
  chain: Chain;
  /** kids of its newest state; undefined: all readers */
  readers?: readonly string[] | undefined;
  /** new key of the seeker (return code); undefined: as before */
  seeker?: ReaderKey | undefined;
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
  #mine: readonly ReaderKey[];
  #epochs: readonly Epoch[] = [];
  #keys: readonly (RoomKey | undefined)[] = [];
  /** how many epochs came from the server; the rest was made here */
  #sure = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(id: string, me: ReaderKey) {
    this.id = id;
    this.#mine = [me];
  }

  /**
   * accept takes the next epoch: form, place, link whenever the previous key is
   * known, own wrap, history, and for a seeker the own mark where their key comes
   * in. A repeated identical epoch is ignored; on a SealError nothing changes.
   * Who the recipients are is checked by Chain.
   */
  accept(e: Epoch): Promise<void> {
    return this.#serial(() => this.#accept(e));
  }

  async #accept(e: Epoch): Promise<void> {
    await checkEpoch(e);
    if (e.room !== this.id) refuse("wrong_room");
    const have = this.#epochs[e.epoch];
    if (have) {
      if (!sameEpoch(have, e)) refuse("epoch_changed");
      this.#sure = Math.max(this.#sure, e.epoch + 1);
      return;
    }
    if (e.epoch !== this.#epochs.length) refuse("wrong_epoch");
    const epochs = [...this.#epochs, e];
    const keys = await this.#open(e);
    for (const [i, next] of epochs.entries()) {
      const prev = keys[i - 1];
      if (prev) await checkLink(next, prev);
    }
    this.#epochs = epochs;
    this.#keys = keys;
    this.#sure = epochs.length;
  }

  /**
   * follow takes the server's whole list of epochs. Those that came from the
   * server before must still be there unchanged (epoch_changed, wrong_epoch);
   * those made here that the server did not take are given up. Otherwise as accept.
   */
  follow(epochs: readonly Epoch[]): Promise<void> {
    return this.#serial(async () => {
      let same = 0;
      for (const [i, e] of epochs.entries()) {
        const have = this.#epochs[i];
        if (!have || i !== same) break;
        await checkEpoch(e);
        if (sameEpoch(have, e)) same++;
      }
      if (epochs.length < this.#sure) refuse("wrong_epoch");
      if (same < this.#sure) refuse("epoch_changed");
      this.#epochs = this.#epochs.slice(0, same);
      this.#keys = this.#keys.slice(0, same);
      this.#sure = same;
      for (const e of epochs.slice(same)) await this.#accept(e);
    });
  }

  async #open(e: Epoch): Promise<readonly (RoomKey | undefined)[]> {
    const me = this.#mine.find((k) => e.wraps.some((w) => w.kid === k.kid));
    if (!me) return [...this.#keys, undefined];
    const key = await openEpoch(e, me);
    await checkOwn(e, me, this.#epochs);
    const past = await openHistory(e, key, this.#epochs);
    return [...(past.length > 0 ? past : this.#keys), key];
  }

  /**
   * next makes the following epoch and takes it in; send it to the server. When
   * the server refuses it, follow gives it up again. It needs the newest key, for
   * history all.
   */
  next(c: Change): Promise<Epoch> {
    return this.#serial(() => this.#next(c));
  }

  async #next(c: Change): Promise<Epoch> {
    const { reader, maker } = this.#seeker(c.seeker);
    const { epoch, key } = await newEpoch({
      room: this.id, team: c.chain.team, teamState: c.chain.headHash,
      readers: [...c.chain.pick(c.readers, c.at), reader],
      earlier: this.#keys, history: c.history ?? false, seeker: maker,
    });
    if (c.seeker) this.#mine = [...this.#mine, c.seeker];
    this.#epochs = [...this.#epochs, epoch];
    this.#keys = [...this.#keys, key];
    return epoch;
  }

  /** The seeker as a reader of the next epoch, with the key when it is this person's own. */
  #seeker(change: ReaderKey | undefined): { reader: Reader; maker: ReaderKey | undefined } {
    const now = this.#epochs.length > 0 ? seekerOf(this.current) : undefined;
    const maker = change ?? (now ? this.#mine.find((k) => k.kid === now.kid) : this.#mine[0]);
    const { kid, pub } = maker ?? now ?? refuse("bad_key");
    return { reader: { kid, kind: "seeker", pub: pub ?? "" }, maker };
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
