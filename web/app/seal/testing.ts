// What the tests of this folder share: a team of three and a room.

import {
  encodeContent, decodeContent, newCode, newRoom, newSeed, newStaffKeys, newState, openRoom, seekerKey, Transcript, verify,
  SealError, type Chain, type Epoch, type Header, type Item, type Message, type Reason, type ReaderKey, type Room, type SignedState, type StaffKeys,
} from "./index";
import { b64, unb64 } from "./bytes";

export const AT = new Date("2026-11-25T12:00:00Z");

export interface World {
  ada: StaffKeys;
  ben: StaffKeys;
  cem: StaffKeys;
  genesis: SignedState;
  chain: Chain;
  seeker: ReaderKey;
}

/** freshKeys makes staff keys whose file nobody needs. */
export async function freshKeys(): Promise<StaffKeys> {
  return (await newStaffKeys([{ kind: "recovery", key: await newCode().recoveryKek() }])).keys;
}

/** newWorld makes a team in which Ada signs and reads, Ben and Cem read. */
export async function newWorld(): Promise<World> {
  const [ada, ben, cem] = [await freshKeys(), await freshKeys(), await freshKeys()];
  const reads = { reads: true, signs: false };
  const members = [ada.member("Ada", { reads: true, signs: true }), ben.member("Ben", reads), cem.member("Cem", reads)];
  const genesis = await ada.sign(newState("team-1", undefined, members));
  return { ada, ben, cem, genesis, chain: await verify("team-1", [genesis]), seeker: await seekerKey(newSeed()) };
}

/** roomWithBen opens a fresh room, as the seeker and as Ben. */
export async function roomWithBen(w: World): Promise<{ seeker: Room; ben: Room; first: Epoch }> {
  const { room, epoch } = await newRoom({ seeker: w.seeker, chain: w.chain, readers: [w.ben.kid], at: AT });
  return { seeker: room, ben: await openRoom(w.ben.reader, [epoch]), first: epoch };
}

/** Log stores messages as the server would. */
export class Log {
  readonly all: Message[] = [];
  readonly #n = new Map<string, number>();

  async say(room: Room, sender: string, text: string): Promise<void> {
    const seq = this.all.length + 1;
    const n = (this.#n.get(sender) ?? 0) + 1;
    this.#n.set(sender, n);
    const header: Header = { sender, id: "m" + seq, n, after: seq - 1 };
    this.all.push({ seq, ...header, ...(await room.seal(header, encodeContent({ text }))) });
  }
}

/** read feeds messages to a new transcript and lists what is shown. */
export async function read(room: Room, ...log: Message[]): Promise<string[]> {
  const transcript = new Transcript(room);
  const items: Item[] = [];
  for (const m of log) items.push(...(await transcript.add(m)));
  return items.map((it) => {
    if (it.kind === "message") return decodeContent(it.plain).text ?? "";
    if (it.kind === "missing") return `missing ${it.sender} ${it.count}`;
    return `${it.kind} ${it.reason}`;
  });
}

/** reasonOf runs an act and gives the reason of its refusal, or "". Any other error is thrown. */
export async function reasonOf(act: () => unknown): Promise<Reason | ""> {
  try {
    await act();
    return "";
  } catch (err) {
    if (err instanceof SealError) return err.code;
    throw err;
  }
}

/** flip changes one bit of base64url data. */
export function flip(text: string, bit: number): string {
  const raw = unb64(text);
  raw[bit >> 3] = (raw[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return b64(raw);
}
