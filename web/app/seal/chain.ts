// The team chain: signed, append-only membership. Twin of internal/seal/chain.go
// and verify.go.

import { b64, before, byKid, concat, isU32, lp, shape, u32, unb64, utf8, type Bin } from "./bytes";
import type { Epoch, Reader, RecipientKind } from "./epoch";
import { refuse, SealError, type Reason } from "./errors";
import { importPub, kidOf, point, sha256, SUITE, VERSION } from "./suite";

/** Member is one key holder; a recovery member reads, never signs and has no sig_pub. */
export interface Member {
  kid: string;
  kem_pub: string;
  sig_pub?: string;
  name: string;
  reads: boolean;
  signs: boolean;
  recovery?: boolean;
  /** unix seconds; absent or 0: unlimited */
  not_after?: number;
}

/** State is the whole membership from here on; members are sorted by kid. */
export interface State {
  v: number;
  suite: number;
  team: string;
  n: number;
  /** hash of the state before, "" for n = 0 */
  prev: string;
  members: Member[];
  /** kid of the signing member of state n-1; of itself for n = 0 */
  by: string;
}

/** SignedState carries the signature of by: ECDSA P-256/SHA-256, r‖s. */
export interface SignedState extends State {
  sig: string;
}

const MAX_MEMBERS = 256;

/** canonical is what is hashed and signed. */
export function canonical(s: State): Bin {
  const members = s.members.flatMap((m) => [
    unb64(m.kid), unb64(m.kem_pub), unb64(m.sig_pub ?? ""), m.name, flags(m), notAfter(m),
  ]);
  const head = ["bek1/team", u32(s.v), u32(s.suite), s.team, u32(s.n), unb64(s.prev), unb64(s.by)];
  return lp(...head, u32(s.members.length), ...members);
}

function flags(m: Member): Bin {
  return Uint8Array.of((m.reads ? 1 : 0) | (m.signs ? 2 : 0) | (m.recovery ? 4 : 0));
}

function notAfter(m: Member): Bin {
  if (!m.not_after) return new Uint8Array();
  return concat(u32(Math.floor(m.not_after / 0x100000000)), u32(m.not_after % 0x100000000));
}

/** newState prepares the state that follows prev (undefined: the genesis); StaffKeys.sign completes it. */
export function newState(team: string, prev: Chain | undefined, members: readonly Member[]): State {
  return {
    v: VERSION, suite: SUITE, team, n: prev ? prev.head.n + 1 : 0, prev: prev?.headHash ?? "", members: byKid(members), by: "",
  };
}

async function checkState(s: SignedState): Promise<void> {
  shape(s, "v suite team n prev members by sig");
  if (s.v !== VERSION || s.suite !== SUITE) refuse("bad_version");
  const n = Array.isArray(s.members) ? s.members.length : 0;
  if (n === 0 || n > MAX_MEMBERS || !isU32(s.n) || (s.n === 0) !== (s.prev === "")) refuse("bad_encoding");
  if (typeof s.team !== "string" || s.team === "" || utf8(s.team).length > 64) refuse("bad_encoding");
  unb64(s.prev, s.n === 0 ? 0 : 32);
  unb64(s.by, 16);
  let last: Bin | undefined;
  for (const m of s.members) {
    await checkMember(m);
    const kid = unb64(m.kid, 16);
    if (last && !before(last, kid)) refuse("bad_member");
    last = kid;
  }
  if (!s.members.some((m) => m.signs)) refuse("no_signer");
}

async function checkMember(m: Member): Promise<void> {
  shape(m, "kid kem_pub name reads signs", "sig_pub recovery not_after");
  const flag = (f: unknown): boolean => typeof f === "boolean";
  if (!flag(m.reads) || !flag(m.signs) || !flag(m.recovery ?? false)) refuse("bad_encoding");
  if (typeof m.name !== "string" || m.name === "" || utf8(m.name).length > 100) refuse("bad_encoding");
  if (!Number.isSafeInteger(m.not_after ?? 0) || (m.not_after ?? 0) < 0) refuse("bad_encoding");
  if ((await kidOf(unb64(m.kem_pub))) !== m.kid) refuse("bad_member");
  if (m.recovery && (m.signs || !m.reads || m.sig_pub)) refuse("bad_member");
  await importPub(m.kem_pub);
  if (!m.recovery) await importSig(m.sig_pub ?? "");
}

/** importSig reads a public signature key; bad_key unless it is a point on the curve. */
export async function importSig(pub: string): Promise<CryptoKey> {
  const raw = point(pub);
  const algorithm = { name: "ECDSA", namedCurve: "P-256" };
  return crypto.subtle.importKey("raw", raw, algorithm, true, ["verify"]).catch(() => refuse("bad_key"));
}

async function verifySig(pub: string, message: Bin, sig: string): Promise<boolean> {
  const raw = unb64(sig);
  const params = { name: "ECDSA", hash: "SHA-256" };
  return raw.length === 64 && crypto.subtle.verify(params, await importSig(pub), raw, message);
}

/**
 * verify checks every state and signature of a chain from its genesis. pinned is
 * the newest hash this client has seen before, or "": a chain without it is a
 * rollback. The SealError says in at which state is the first bad one.
 */
export async function verify(team: string, chain: readonly SignedState[], pinned = ""): Promise<Chain> {
  let c: Chain | undefined;
  for (const [i, s] of chain.entries()) {
    c = await extend(team, c, s).catch((err: unknown) => {
      throw err instanceof SealError ? new SealError(err.code, i) : err;
    });
  }
  if (!c) throw new SealError("broken_chain", 0);
  if (pinned !== "" && !c.knows(pinned)) throw new SealError("rollback", chain.length);
  return c;
}

async function extend(team: string, c: Chain | undefined, s: SignedState): Promise<Chain> {
  await checkState(s);
  if (s.team !== team) refuse("wrong_team");
  if (s.n !== (c ? c.head.n + 1 : 0) || s.prev !== (c?.headHash ?? "")) refuse("broken_chain");
  const signer = (c?.head ?? s).members.find((m) => m.kid === s.by);
  if (!signer?.signs) refuse("not_signer");
  const bytes = canonical(s);
  if (!(await verifySig(signer.sig_pub ?? "", bytes, s.sig))) refuse("bad_signature");
  return new Chain(team, [...(c?.states ?? []), s], [...(c?.hashes ?? []), b64(await sha256(bytes))]);
}

/** Chain is a verified team chain; only verify and append make one. */
export class Chain {
  readonly team: string;
  readonly states: readonly State[];
  readonly hashes: readonly string[];
  /** the newest state and its hash: pin the hash after a successful verify */
  readonly head: State;
  readonly headHash: string;
  /** hash of the first state; fingerprint(genesis) are the six words */
  readonly genesis: string;

  constructor(team: string, states: readonly State[], hashes: readonly string[]) {
    this.team = team;
    this.states = states;
    this.hashes = hashes;
    this.head = states[states.length - 1] ?? refuse("broken_chain");
    this.headHash = hashes[hashes.length - 1] ?? refuse("broken_chain");
    this.genesis = hashes[0] ?? refuse("broken_chain");
  }

  /** append verifies one further state and returns the longer chain. */
  append(s: SignedState): Promise<Chain> {
    return extend(this.team, this, s);
  }

  knows(hash: string): boolean {
    return this.hashes.includes(hash);
  }

  /** readers lists the members of the newest state who may read at a time, recovery members included. */
  readers(at: Date): Member[] {
    return this.head.members.filter((m) => m.reads && active(m, at));
  }

  /** pick gives the readers with these kids, plus every recovery member; undefined means all. */
  pick(kids: readonly string[] | undefined, at: Date): Reader[] {
    for (const kid of kids ?? []) mayRead(this.head, kid, "staff", at, "unknown_recipient");
    return this.readers(at)
      .filter((m) => !kids || kids.includes(m.kid) || m.recovery)
      .map((m) => ({ kid: m.kid, kind: m.recovery ? "recovery" : "staff", pub: m.kem_pub }));
  }

  /** check verifies that every recipient of an epoch (one that a Room accepted) is a signed reader of the state it names. */
  check(e: Epoch): void {
    if (e.team !== this.team) refuse("wrong_team");
    const state = this.states[this.hashes.indexOf(e.team_state)] ?? refuse("unknown_state");
    mayReadAll(state, e, undefined, "unknown_recipient");
  }

  /** checkCurrent verifies an epoch before anything is sent under it: check, and all still read now. */
  checkCurrent(e: Epoch, at: Date): void {
    this.check(e);
    mayReadAll(this.head, e, at, "removed_member");
  }

  /** checkOrder refuses with rollback an epoch whose team state is older than that of the one before. */
  checkOrder(prev: Epoch, e: Epoch): void {
    const first = this.hashes.indexOf(prev.team_state);
    if (prev.team === e.team && first >= 0 && this.hashes.indexOf(e.team_state) < first) refuse("rollback");
  }
}

function active(m: Member, at: Date): boolean {
  return !m.not_after || Math.floor(at.getTime() / 1000) < m.not_after;
}

function mayReadAll(s: State, e: Epoch, at: Date | undefined, absent: Reason): void {
  for (const r of e.recipients) if (r.kind !== "seeker") mayRead(s, r.kid, r.kind, at, absent);
}

function mayRead(s: State, kid: string, kind: RecipientKind, at: Date | undefined, absent: Reason): void {
  const m = s.members.find((m) => m.kid === kid);
  if (!m?.reads || (kind === "recovery") !== (m.recovery ?? false)) refuse(absent);
  if (at && !active(m, at)) refuse("expired_member");
}
