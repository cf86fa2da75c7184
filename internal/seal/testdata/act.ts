// What the Go tests of internal/seal ask of the browser twin.

import { b64, concat, unb64, utf8, type Bin } from "../../../web/app/seal/bytes";
import { kem, openBase } from "../../../web/app/seal/hpke";
import {
  decodeContent, derivePassword, encodeContent, fingerprint, ITERATIONS, newCode, newRoom, newSalt, newSeed, newStaffKeys, newState,
  openRoom, parseCode, passkeyKek, SEEKER, SealError, seekerKey, Transcript, unlock, verify,
  type Chain, type Epoch, type Item, type Kek, type KeyFile, type Message, type ReaderKey, type Room, type SignedState, type StaffKeys,
} from "../../../web/app/seal/index";
import words from "../../../web/app/seal/words-de.json";

interface Staff {
  name: string;
  password: string;
  salt: string;
  iterations: number;
  auth: string;
  code: string;
  recovery_auth: string;
  credential: string;
  prf: string;
  file: KeyFile;
}

interface View {
  kind: string;
  seq: number;
  sender: string;
  text: string;
  count: number;
  reason: string;
}

interface Golden {
  v: number;
  made_by: string;
  team: string;
  words: string[];
  chain: SignedState[];
  staff: Staff[];
  recovery_seed: string;
  seed: string;
  return_code: string;
  return_auth: string;
  epochs: Epoch[];
  messages: Message[];
  views: Record<string, View[]>;
}

const AT = new Date("2026-11-25T12:00:00Z");
const TEAM = "0197f1f0-7a1e-7000-8000-000000000001";

async function newStaff(name: string, password: string): Promise<{ staff: Staff; keys: StaffKeys }> {
  const salt = newSalt();
  const code = newCode();
  const credential = newSeed();
  const prf = newSeed();
  const keks: Kek[] = [
    { kind: "recovery", key: await code.recoveryKek() },
    { kind: "passkey", id: b64(credential), key: await passkeyKek(prf, credential) },
  ];
  let auth = "";
  if (password !== "") {
    const derived = await derivePassword(password, salt, ITERATIONS);
    auth = derived.auth;
    keks.push({ kind: "password", key: derived.kek });
  }
  const { keys, file } = await newStaffKeys(keks);
  const staff = {
    name, password, salt: b64(salt), iterations: ITERATIONS, auth, code: code.text, recovery_auth: await code.recoveryAuth(),
    credential: b64(credential), prf: b64(prf), file,
  };
  return { staff, keys };
}

/** Log stores messages as the server would. */
class Log {
  readonly messages: Message[] = [];
  readonly #n = new Map<string, number>();

  async say(room: Room, sender: string, text: string): Promise<void> {
    const seq = this.messages.length + 1;
    const n = (this.#n.get(sender) ?? 0) + 1;
    this.#n.set(sender, n);
    const header = { sender, id: `m-${seq}`, n, after: seq - 1 };
    this.messages.push({ seq, ...header, ...(await room.seal(header, encodeContent({ text }))) });
  }
}

async function make(): Promise<Golden> {
  const [ada, ben, cem] = [await newStaff("Ada", "Pässwort für Ada"), await newStaff("Ben", ""), await newStaff("Cem", "")];
  const recoverySeed = newSeed();
  const safe = await seekerKey(recoverySeed);
  const genesis = await ada.keys.sign(
    newState(TEAM, undefined, [ada.keys.member("Ada", { reads: true, signs: true }), ben.keys.member("Ben", { reads: true, signs: false })]),
  );
  let chain = await verify(TEAM, [genesis]);
  const second = await ada.keys.sign(
    newState(TEAM, chain, [
      ...genesis.members,
      cem.keys.member("Cem Müller", { reads: true, signs: false, notAfter: 4102444800 }),
      { kid: safe.kid, kem_pub: safe.pub, name: "Tresor", reads: true, signs: false, recovery: true },
    ]),
  );
  chain = await chain.append(second);
  const seed = newSeed();
  const { room, epoch } = await newRoom({ seeker: await seekerKey(seed), chain, readers: [ben.keys.kid], at: AT });
  const atBen = await openRoom(ben.keys.reader, [epoch]);
  const log = new Log();
  await log.say(room, SEEKER, "Hallo, ist da jemand?");
  await log.say(atBen, ben.keys.kid, "Ja. Schön, dass Sie schreiben. 🌱 مرحبا");
  await log.say(room, SEEKER, "Lang. ".repeat(400));
  const e1 = await room.next({ chain, readers: [cem.keys.kid], history: true, at: AT });
  const atCem = await openRoom(cem.keys.reader, [epoch, e1]);
  await log.say(atCem, cem.keys.kid, "Ich übernehme von Ben.");
  const code = newCode();
  const again = await seekerKey(await code.returnSeed());
  await room.next({ chain, readers: [ada.keys.kid], seeker: again, history: false, at: AT });
  await room.next({ chain, readers: [ada.keys.kid], history: true, at: AT });
  await log.say(room, SEEKER, "Ich komme wieder.");
  await log.say(room, SEEKER, "Dies wird verändert.");
  await log.say(room, SEEKER, "Dies geht verloren.");
  await log.say(room, SEEKER, "Ende.");
  const changed = log.messages[5];
  if (changed) changed.body = flipped(changed.body);
  log.messages.splice(6, 1);
  const golden: Golden = {
    v: 1, made_by: "ts", team: TEAM, words: await fingerprint(chain.genesis, words), chain: [genesis, second],
    staff: [ada.staff, ben.staff, cem.staff], recovery_seed: b64(recoverySeed), seed: b64(seed),
    return_code: code.text, return_auth: await code.returnAuth(),
    epochs: [...room.epochs], messages: log.messages, views: {},
  };
  golden.views = (await open(golden)).views;
  return golden;
}

function flipped(body: string): string {
  const raw = unb64(body);
  raw[40] = (raw[40] ?? 0) ^ 1;
  return b64(raw);
}

/** open checks everything in a golden room and returns what each reader sees. */
async function open(g: Golden): Promise<{ words: string[]; views: Record<string, View[]> }> {
  const chain = await verify(g.team, g.chain, "");
  const readers: Record<string, ReaderKey> = {
    seeker: await seekerKey(unb64(g.seed)),
    return: await seekerKey(await parseCode(g.return_code).returnSeed()),
    recovery: await seekerKey(unb64(g.recovery_seed)),
  };
  equal(await parseCode(g.return_code).returnAuth(), g.return_auth);
  for (const s of g.staff) readers[s.name] = await unlockAll(s);
  const views: Record<string, View[]> = {};
  for (const [name, key] of Object.entries(readers)) views[name] = await read(key, chain, g);
  return { words: await fingerprint(chain.genesis, words), views };
}

async function unlockAll(s: Staff): Promise<ReaderKey> {
  const code = parseCode(s.code);
  equal(await code.recoveryAuth(), s.recovery_auth);
  const keys = await unlock(s.file, { kind: "recovery", key: await code.recoveryKek() });
  const prf = await passkeyKek(unb64(s.prf), unb64(s.credential));
  equal((await unlock(s.file, { kind: "passkey", id: s.credential, key: prf })).kid, keys.kid);
  if (s.password !== "") {
    const { auth, kek } = await derivePassword(s.password, unb64(s.salt), s.iterations);
    equal(auth, s.auth);
    equal((await unlock(s.file, { kind: "password", key: kek })).kid, keys.kid);
  }
  return keys.reader;
}

async function read(key: ReaderKey, chain: Chain, g: Golden): Promise<View[]> {
  const room = await openRoom(key, g.epochs);
  for (const e of room.epochs) chain.check(e);
  chain.checkCurrent(room.current, AT);
  const transcript = new Transcript(room);
  const items: Item[] = [];
  for (const m of g.messages) items.push(...(await transcript.add(m)));
  return items.map(view);
}

function view(it: Item): View {
  const base = { kind: it.kind, seq: it.seq, sender: it.sender, text: "", count: 0, reason: "" };
  if (it.kind === "message") return { ...base, text: decodeContent(it.plain).text ?? "" };
  if (it.kind === "missing") return { ...base, count: it.count, reason: it.reason };
  return { ...base, reason: it.reason };
}

function equal(a: string, b: string): void {
  if (a !== b) throw new Error(`${a} is not ${b}`);
}

const hex = (s: string): Bin => Uint8Array.from(s.match(/../g) ?? [], (c) => parseInt(c, 16));
const toHex = (b: Uint8Array): string => Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");

/** vector runs one vector of RFC 9180. */
async function vector(v: Record<"info" | "ikmR" | "enc" | "aad" | "ct", string>): Promise<{ pkRm: string; pt: string }> {
  const pair = await kem().DeriveKeyPair(hex(v.ikmR), false);
  const pt = await openBase(pair, hex(v.info), hex(v.enc), hex(v.aad), hex(v.ct));
  return { pkRm: toHex(await kem().SerializePublicKey(pair.publicKey)), pt: toHex(pt) };
}

/** epoch tells whether a reader refuses changed epochs: the reason for each. */
async function epochs(q: { seeds: string[]; team: string; chain: SignedState[]; first: Epoch; changed: Epoch[] }): Promise<string[][]> {
  const chain = await verify(q.team, q.chain, "");
  const keys = await Promise.all(q.seeds.map((s) => seekerKey(unb64(s))));
  const out: string[][] = [];
  for (const e of q.changed) {
    out.push(await Promise.all(keys.map((k) => reason(async () => chain.checkCurrent((await openRoom(k, [q.first, e])).current, AT)))));
  }
  return out;
}

async function reason(act: () => Promise<void>): Promise<string> {
  try {
    await act();
    return "";
  } catch (err) {
    return err instanceof SealError ? err.code : `not named: ${String(err)}`;
  }
}

async function chains(q: { team: string; chains: SignedState[][] }): Promise<string[]> {
  return Promise.all(q.chains.map((c) => reason(async () => void (await verify(q.team, c, "")))));
}

async function codes(typed: string[]): Promise<string[]> {
  return Promise.all(typed.map(async (s) => (await reason(async () => void parseCode(s))) || b64(concat(utf8(parseCode(s).text)))));
}

/** epochFor makes a room that these keys can read. */
async function epochFor(keys: StaffKeys): Promise<Epoch> {
  const chain = await verify(TEAM, [await keys.sign(newState(TEAM, undefined, [keys.member("Ada", { reads: true, signs: true })]))]);
  return (await newRoom({ seeker: await seekerKey(newSeed()), chain, at: AT })).epoch;
}

export const act = { make, open, vector, epochs, chains, codes, epochFor };
