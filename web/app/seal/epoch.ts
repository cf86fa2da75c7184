// Epochs: the immutable public record of one room key, who can read from here
// on, and the key wrapped to each of them. Twin of internal/seal/epoch*.go.

import { b64, before, byKid, concat, isU32, lp, same, shape, u32, unb64, utf8, random, type Bin } from "./bytes";
import { refuse } from "./errors";
import { RoomKey } from "./message";
import {
  aesKey, derive, gcmOpen, gcmSeal, hpkeOpen, hpkeSeal, importPub, KEY_SIZE, kidOf, mac, NONCE_SIZE, PUB_SIZE,
  sha256, SUITE, TAG_SIZE, VERSION, type ReaderKey,
} from "./suite";

export type RecipientKind = "seeker" | "staff" | "recovery";

/** Recipient can read an epoch; pub is set for the seeker only. */
export interface Recipient {
  kid: string;
  kind: RecipientKind;
  pub?: string;
}

/** Wrap is the room key sealed to one recipient. */
export interface Wrap {
  kid: string;
  enc: string;
  ct: string;
}

/** Epoch as it travels; recipients and wraps are sorted by kid and correspond one to one. */
export interface Epoch {
  v: number;
  suite: number;
  room: string;
  epoch: number;
  team: string;
  team_state: string;
  recipients: Recipient[];
  wraps: Wrap[];
  commit: string;
  link?: string;
  /** mark of the seeker, when the seeker made it */
  own?: string;
  history?: string;
}

/** Reader is a recipient with the public key to wrap for. */
export interface Reader {
  kid: string;
  kind: RecipientKind;
  pub: string;
}

/** Plan is what a new epoch is made from; see internal/seal Plan. */
export interface Plan {
  room: string;
  team: string;
  teamState: string;
  readers: Reader[];
  earlier: readonly (RoomKey | undefined)[];
  history: boolean;
  /** set when the seeker makes the epoch */
  seeker?: ReaderKey | undefined;
}

export const MAX_RECIPIENTS = 256;
export const MAX_EPOCHS = 1024;
const COMMIT_SIZE = 16;

/** checkEpoch verifies everything that needs no key. */
export async function checkEpoch(e: Epoch): Promise<void> {
  shape(e, "v suite room epoch team team_state recipients wraps commit", "link own history");
  if (e.v !== VERSION || e.suite !== SUITE) refuse("bad_version");
  if (!isU32(e.epoch) || e.epoch >= MAX_EPOCHS) refuse("bad_encoding");
  if (typeof e.team !== "string" || e.team === "" || utf8(e.team).length > 64) refuse("bad_encoding");
  unb64(e.room, 16);
  unb64(e.team_state, 32);
  unb64(e.commit, COMMIT_SIZE);
  unb64(e.link ?? "", e.epoch > 0 ? 32 : 0);
  if (e.own) unb64(e.own, 32);
  if (e.history) unb64(e.history, e.epoch > 0 ? NONCE_SIZE + TAG_SIZE + KEY_SIZE * e.epoch : 0);
  await checkRecipients(e);
}

async function checkRecipients(e: Epoch): Promise<void> {
  const n = Array.isArray(e.recipients) && Array.isArray(e.wraps) ? e.recipients.length : 0;
  if (n === 0 || n > MAX_RECIPIENTS || e.wraps.length !== n) refuse("bad_encoding");
  let last: Bin | undefined;
  let seekers = 0;
  for (const [i, r] of e.recipients.entries()) {
    shape(r, "kid kind", "pub");
    const kid = unb64(r.kid, 16);
    if (last && !before(last, kid)) refuse("bad_encoding");
    last = kid;
    checkWrap(e.wraps[i], r.kid);
    await checkRecipient(r);
    if (r.kind === "seeker") seekers++;
  }
  if (seekers !== 1) refuse("bad_encoding");
}

function checkWrap(w: Wrap | undefined, kid: string): void {
  shape(w, "kid enc ct");
  if (!w || w.kid !== kid) refuse("bad_encoding");
  unb64(w.enc, PUB_SIZE);
  unb64(w.ct, KEY_SIZE + TAG_SIZE);
}

async function checkRecipient(r: Recipient): Promise<void> {
  if (r.kind === "seeker") {
    await importPub(r.pub ?? "");
    if ((await kidOf(unb64(r.pub))) !== r.kid) refuse("bad_member");
  } else if ((r.kind !== "staff" && r.kind !== "recovery") || r.pub) {
    refuse("bad_encoding");
  }
}

/** seekerOf returns the seeker's entry of a checked epoch. */
export function seekerOf(e: Epoch): Recipient {
  return e.recipients.find((r) => r.kind === "seeker") ?? refuse("bad_encoding");
}

/** readersOf lists the kids of staff and recovery recipients. */
export function readersOf(e: Epoch): string[] {
  return e.recipients.filter((r) => r.kind !== "seeker").map((r) => r.kid);
}

/** sameEpoch compares all content of two checked epochs. */
export function sameEpoch(a: Epoch, b: Epoch): boolean {
  return content(a) === content(b);
}

function content(e: Epoch): string {
  return JSON.stringify([
    e.v, e.suite, e.room, e.epoch, e.team, e.team_state, e.commit, e.link ?? "", e.own ?? "", e.history ?? "",
    e.recipients.map((r) => [r.kid, r.kind, r.pub ?? ""]), e.wraps.map((w) => [w.kid, w.enc, w.ct]),
  ]);
}

/** H(recipients): suite, team and every kid with its kind. */
function recipientsHash(e: Epoch): Promise<Bin> {
  return sha256(lp("bek1/recipients", u32(e.suite), e.team, ...e.recipients.flatMap((r) => [unb64(r.kid), r.kind])));
}

function wrapAAD(e: Epoch, kid: string, hash: Bin): Bin {
  return lp("bek1/roomkey", unb64(e.room), u32(e.epoch), unb64(kid), unb64(e.team_state), hash);
}

function historyAAD(e: Epoch): Bin {
  return lp("bek1/history", unb64(e.room), u32(e.epoch));
}

async function commitOf(secret: Bin, hash: Bin): Promise<Bin> {
  return (await mac(secret, utf8("bek1 commit"), hash)).slice(0, COMMIT_SIZE);
}

function linkOf(prev: RoomKey, e: Epoch, hash: Bin): Promise<Bin> {
  return mac(prev.secret, utf8("bek1 link"), hash, unb64(e.commit));
}

function ownOf(own: Bin, e: Epoch, hash: Bin): Promise<Bin> {
  return mac(own, utf8("bek1 own"), unb64(e.room), u32(e.epoch), hash, unb64(e.commit));
}

const historyKey = async (key: RoomKey): Promise<CryptoKey> => aesKey(await derive(key.secret, "bek1 history"));

/** newEpoch makes a fresh room key and the epoch that carries it. */
export async function newEpoch(p: Plan): Promise<{ epoch: Epoch; key: RoomKey }> {
  const readers = byKid(p.readers);
  const e: Epoch = {
    v: VERSION, suite: SUITE, room: p.room, epoch: p.earlier.length, team: p.team, team_state: p.teamState,
    recipients: readers.map((r) => (r.kind === "seeker" ? { ...r } : { kid: r.kid, kind: r.kind })),
    wraps: [], commit: "",
  };
  const hash = await recipientsHash(e);
  const key = new RoomKey(e.room, e.epoch, random(KEY_SIZE));
  e.commit = b64(await commitOf(key.secret, hash));
  for (const r of readers) {
    if ((await kidOf(unb64(r.pub))) !== r.kid) refuse("bad_member");
    const { enc, ct } = await hpkeSeal(r.pub, wrapAAD(e, r.kid, hash), key.secret);
    e.wraps.push({ kid: r.kid, enc: b64(enc), ct: b64(ct) });
  }
  if (p.seeker?.own) e.own = b64(await ownOf(p.seeker.own, e, hash));
  await attach(e, key, p, hash);
  await checkEpoch(e);
  return { epoch: e, key };
}

async function attach(e: Epoch, key: RoomKey, p: Plan, hash: Bin): Promise<void> {
  if (p.earlier.length === 0) return;
  const last = p.earlier[p.earlier.length - 1] ?? refuse("bad_key");
  if (last.room !== p.room || last.epoch + 1 !== e.epoch) refuse("wrong_epoch");
  e.link = b64(await linkOf(last, e, hash));
  if (!p.history) return;
  const all = p.earlier.map((k, i) => (k && k.room === p.room && k.epoch === i ? k.secret : refuse("bad_history")));
  e.history = b64(await gcmSeal(await historyKey(key), concat(...all), historyAAD(e)));
}

/** openEpoch unwraps the room key of a checked epoch and checks the commitment; not_recipient without a wrap. */
export async function openEpoch(e: Epoch, key: ReaderKey): Promise<RoomKey> {
  const w = e.wraps.find((w) => w.kid === key.kid) ?? refuse("not_recipient");
  const aad = wrapAAD(e, key.kid, await recipientsHash(e));
  return keyFrom(e, await hpkeOpen(key, unb64(w.enc), aad, unb64(w.ct)));
}

/** keyFrom accepts a secret as the key of an epoch only if the epoch commits to it. */
async function keyFrom(e: Epoch, secret: Bin): Promise<RoomKey> {
  const commit = await commitOf(secret, await recipientsHash(e));
  if (secret.length !== KEY_SIZE || !same(commit, unb64(e.commit))) refuse("bad_commit");
  return new RoomKey(e.room, e.epoch, secret);
}

/** checkLink verifies that an epoch was made by a holder of the previous key. */
export async function checkLink(e: Epoch, prev: RoomKey): Promise<void> {
  if (e.room !== prev.room) refuse("wrong_room");
  if (e.epoch !== prev.epoch + 1) refuse("wrong_epoch");
  if (!same(await linkOf(prev, e, await recipientsHash(e)), unb64(e.link ?? ""))) refuse("bad_link");
}

/**
 * checkOwn insists that a seeker's key came into the room by an epoch that the
 * seeker made: everybody can wrap to a public key. Later epochs are held by
 * links and need no mark, but one that is there must be right.
 */
export async function checkOwn(e: Epoch, key: ReaderKey, earlier: readonly Epoch[]): Promise<void> {
  const named = (x: Epoch): boolean => seekerOf(x).kid === key.kid;
  if (!key.own || !named(e) || (!e.own && earlier.some(named))) return;
  if (!same(await ownOf(key.own, e, await recipientsHash(e)), unb64(e.own ?? ""))) refuse("bad_own");
}

/** openHistory returns the keys of all earlier epochs, each checked against its epoch; none when there is no history. */
export async function openHistory(e: Epoch, key: RoomKey, earlier: readonly Epoch[]): Promise<RoomKey[]> {
  if (!e.history) return [];
  const all = await gcmOpen(await historyKey(key), unb64(e.history), historyAAD(e));
  if (all.length !== KEY_SIZE * e.epoch || earlier.length !== e.epoch) refuse("bad_history");
  const at = (i: number): Bin => all.slice(i * KEY_SIZE, (i + 1) * KEY_SIZE);
  return Promise.all(earlier.map((old, i) => keyFrom(old, at(i)).catch(() => refuse("bad_history"))));
}
