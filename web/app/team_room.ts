// One conversation's keys: its epochs, verified against the team chains, and
// the transcript that notices every altered, repeated or missing message.
import { accept, shortKey, sixWords } from "./team_trust";
import type { EpochFact, ReaderFact, TalkState } from "./team_model";
import {
  encodeContent, openRoom, Transcript, type Chain, type Epoch, type Item, type Room, type SignedState, type StaffKeys,
} from "./seal/index";
import type { MessageFrame, Sealed } from "./wire";

/** Detail is a conversation as the API gives it. */
export interface Detail {
  conversation: TalkState;
  room: string;
  epochs: Epoch[];
  chains: Record<string, SignedState[]>;
}

/** NEEDS_EPOCH are refusals that a new epoch cures; every other one is a stop. */
const NEEDS_EPOCH = new Set(["removed_member", "expired_member"]);

/** Trust verifies a team chain against what was seen before; it throws SealError. */
export type Trust = (team: string, states: SignedState[]) => Promise<Chain>;

/** SealedRoom is an opened conversation. */
export class SealedRoom {
  #transcript: Transcript;

  private constructor(private readonly keys: StaffKeys, private readonly room: Room, private readonly chains: Map<string, Chain>) {
    this.#transcript = new Transcript(room);
  }

  /**
   * open verifies chains and recipients and opens what this person may read; with
   * before, the epochs seen until now must still be there. Throws SealError.
   */
  static async open(keys: StaffKeys, detail: Detail, before?: SealedRoom, trust: Trust = accept): Promise<SealedRoom> {
    const chains = new Map<string, Chain>();
    for (const [team, states] of Object.entries(detail.chains)) chains.set(team, await trust(team, states));
    detail.epochs.forEach((epoch, i) => check(chains, epoch, detail.epochs[i - 1]));
    const room = before?.room ?? (await openRoom(keys.reader, detail.epochs));
    await room.follow(detail.epochs);
    return new SealedRoom(keys, room, chains);
  }

  /** epoch is the number of the newest epoch. */
  get epoch(): number {
    return this.room.current.epoch;
  }

  /** seq is the last position taken in. */
  get seq(): number {
    return this.#transcript.seq;
  }

  /** add takes in the next message and tells what to show for it. */
  add(m: MessageFrame): Promise<Item[]> {
    const { seq, id, sender, epoch, n, after, body } = m;
    return this.#transcript.add({ seq, id, sender, epoch, n, after, body });
  }

  /** seal encrypts a text as this person's next message. Throws SealError; then nothing may be sent. */
  async seal(id: string, text: string): Promise<Sealed> {
    this.current.checkCurrent(this.room.current, new Date());
    const header = { sender: this.keys.kid, id, n: this.#transcript.next(this.keys.kid), after: this.#transcript.seq };
    const { epoch, body } = await this.room.seal(header, encodeContent({ text }));
    return { sender: header.sender, epoch, n: header.n, after: header.after, body };
  }

  /** stale tells whether the readers have changed, so that a new epoch must come first. Throws SealError for anything worse. */
  stale(): boolean {
    try {
      this.current.checkCurrent(this.room.current, new Date());
      return false;
    } catch (thrown) {
      if (NEEDS_EPOCH.has((thrown as { code?: string }).code ?? "")) return true;
      throw thrown;
    }
  }

  /** renew makes the next epoch for those of the present readers who still may read, or for the whole team. */
  async renew(policy: "team" | "duty"): Promise<Epoch> {
    const staying = new Set(this.current.readers(new Date()).map((member) => member.kid));
    const now = this.room.current.recipients.filter((r) => r.kind === "staff" && staying.has(r.kid)).map((r) => r.kid);
    return this.room.next({ chain: this.current, readers: policy === "team" ? undefined : now, history: true, at: new Date() });
  }

  /** readers lists who can open what is written now. */
  async readers(): Promise<ReaderFact[]> {
    const { recipients } = this.room.current;
    return recipients.map(({ kid, kind }) => ({ kid, kind, name: this.nameOf(kid), words: kind === "staff" ? shortKey(kid) : "" }));
  }

  /** nameOf gives the signed name that belongs to a key. */
  nameOf(kid: string): string {
    return this.current.head.members.find((member) => member.kid === kid)?.name ?? "";
  }

  /** epochs lists every change of the readers. */
  epochs(): EpochFact[] {
    return this.room.epochs.map((epoch) => ({ n: epoch.epoch, readers: epoch.recipients.length, readable: this.opens(epoch.epoch) }));
  }

  private opens(epoch: number): boolean {
    try {
      this.room.key(epoch);
      return true;
    } catch {
      return false;
    }
  }

  /** words is the fingerprint of the team that reads. */
  words(): Promise<string[]> {
    return sixWords(this.current);
  }

  private get current(): Chain {
    return this.chains.get(this.room.current.team)!;
  }
}

function check(chains: Map<string, Chain>, epoch: Epoch, before: Epoch | undefined): void {
  const chain = chains.get(epoch.team);
  if (!chain) throw Object.assign(new Error("unknown_state"), { code: "unknown_state" });
  chain.check(epoch);
  if (before) chain.checkOrder(before, epoch);
}
