// Staff keys: private keys under a user master key, and that key under each way
// to unlock. Unlocked private keys cannot be exported. Twin of internal/seal/keyring.go.

import { b64, lp, random, shape, unb64, type Bin } from "./bytes";
import { canonical, importSig, type Member, type SignedState, type State } from "./chain";
import { refuse } from "./errors";
import { aesKey, derive, gcmOpen, gcmSeal, importPub, KEY_SIZE, kidOf, readerKey, SUITE, VERSION, type ReaderKey } from "./suite";

export type WrapKind = "password" | "passkey" | "recovery";

/** KeyWrap is the user master key under one way to unlock; id is the credential id of a passkey. */
export interface KeyWrap {
  kind: WrapKind;
  id?: string;
  ct: string;
}

/** KeyFile is what the server keeps of a person's keys. */
export interface KeyFile {
  v: number;
  suite: number;
  kid: string;
  kem_pub: string;
  sig_pub: string;
  kem_priv: string;
  sig_priv: string;
  wraps: KeyWrap[];
}

/** Kek is a way to unlock: kind, the passkey's credential id (base64url), and its 32-byte key. */
export interface Kek {
  kind: WrapKind;
  id?: string;
  key: Bin;
}

/** KeyParts is what a keystore keeps; the CryptoKeys are not extractable. */
export interface KeyParts {
  kid: string;
  kemPub: string;
  sigPub: string;
  kem: CryptoKey;
  sig: CryptoKey;
}

const KEM = { name: "ECDH", namedCurve: "P-256" };
const SIG = { name: "ECDSA", namedCurve: "P-256" };

/** StaffKeys are the unlocked keys of a person. */
export class StaffKeys {
  readonly kid: string;
  readonly kemPub: string;
  readonly sigPub: string;
  /** opens rooms: openRoom(keys.reader, epochs) */
  readonly reader: ReaderKey;
  readonly #sig: CryptoKey;

  constructor(reader: ReaderKey, sigPub: string, sig: CryptoKey) {
    this.kid = reader.kid;
    this.kemPub = reader.pub;
    this.sigPub = sigPub;
    this.reader = reader;
    this.#sig = sig;
  }

  /** from rebuilds keys that a keystore kept. */
  static async from(p: KeyParts): Promise<StaffKeys> {
    if (p.kem.extractable || p.sig.extractable) refuse("bad_key");
    const pair = { publicKey: await importPub(p.kemPub), privateKey: p.kem };
    const reader = await readerKey(pair, unb64(p.kemPub));
    return reader.kid === p.kid ? new StaffKeys(reader, p.sigPub, p.sig) : refuse("bad_key");
  }

  /** parts is what a keystore may keep. */
  parts(): KeyParts {
    return { kid: this.kid, kemPub: this.kemPub, sigPub: this.sigPub, kem: this.reader.pair.privateKey, sig: this.#sig };
  }

  /** member describes these keys for a team state. */
  member(name: string, may: { reads: boolean; signs: boolean; notAfter?: number }): Member {
    const m: Member = { kid: this.kid, kem_pub: this.kemPub, sig_pub: this.sigPub, name, reads: may.reads, signs: may.signs };
    return may.notAfter ? { ...m, not_after: may.notAfter } : m;
  }

  /** sign completes a team state: sets by and signs. */
  async sign(s: State): Promise<SignedState> {
    const state = { ...s, by: this.kid };
    const sig = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, this.#sig, canonical(state));
    return { ...state, sig: b64(new Uint8Array(sig)) };
  }
}

const privAAD = (f: KeyFile, which: "kem" | "sig"): Bin =>
  lp("bek1/staffkey", which, unb64(f.kem_pub), unb64(f.sig_pub));

const keysKey = async (umk: Bin): Promise<CryptoKey> => aesKey(await derive(umk, "bek1 keys"));

/** newStaffKeys makes fresh keys and the file to store, unlockable by each of the keks. */
export async function newStaffKeys(keks: readonly Kek[]): Promise<{ keys: StaffKeys; file: KeyFile }> {
  const kem = await crypto.subtle.generateKey(KEM, true, ["deriveBits"]);
  const sig = await crypto.subtle.generateKey(SIG, true, ["sign", "verify"]);
  const umk = random(KEY_SIZE);
  const kemPub = await exported("raw", kem.publicKey);
  const file: KeyFile = {
    v: VERSION, suite: SUITE, kid: await kidOf(kemPub), kem_pub: b64(kemPub),
    sig_pub: b64(await exported("raw", sig.publicKey)), kem_priv: "", sig_priv: "", wraps: [],
  };
  const kemDer = await exported("pkcs8", kem.privateKey);
  const sigDer = await exported("pkcs8", sig.privateKey);
  const key = await keysKey(umk);
  file.kem_priv = b64(await gcmSeal(key, kemDer, privAAD(file, "kem")));
  file.sig_priv = b64(await gcmSeal(key, sigDer, privAAD(file, "sig")));
  for (const kek of keks) file.wraps.push(await wrapUmk(file.kid, kek, umk));
  return { keys: await importKeys(file, kemDer, sigDer), file };
}

async function exported(format: "raw" | "pkcs8", key: CryptoKey): Promise<Bin> {
  return new Uint8Array(await crypto.subtle.exportKey(format, key));
}

async function importKeys(f: KeyFile, kemDer: Bin, sigDer: Bin): Promise<StaffKeys> {
  const bad = (): never => refuse("bad_key");
  const kem = await crypto.subtle.importKey("pkcs8", kemDer, KEM, false, ["deriveBits"]).catch(bad);
  const sig = await crypto.subtle.importKey("pkcs8", sigDer, SIG, false, ["sign"]).catch(bad);
  kemDer.fill(0);
  sigDer.fill(0);
  return StaffKeys.from({ kid: f.kid, kemPub: f.kem_pub, sigPub: f.sig_pub, kem, sig });
}

const umkAAD = (kid: string, w: { kind: string; id?: string }): Bin => lp("bek1/umk", unb64(kid, 16), w.kind, w.id ?? "");

async function wrapUmk(kid: string, kek: Kek, umk: Bin): Promise<KeyWrap> {
  if (kek.key.length !== KEY_SIZE) refuse("bad_key");
  if ((kek.kind === "passkey") !== Boolean(kek.id)) refuse("bad_encoding");
  const ct = b64(await gcmSeal(await aesKey(kek.key), umk, umkAAD(kid, kek)));
  return kek.id ? { kind: kek.kind, id: kek.id, ct } : { kind: kek.kind, ct };
}

async function openUmk(f: KeyFile, kek: Kek): Promise<Bin> {
  await checkFile(f);
  if (kek.key.length !== KEY_SIZE) refuse("bad_key");
  const w = f.wraps.find((w) => w.kind === kek.kind && (w.id ?? "") === (kek.id ?? "")) ?? refuse("no_wrap");
  return gcmOpen(await aesKey(kek.key), unb64(w.ct), umkAAD(f.kid, w));
}

async function checkFile(f: KeyFile): Promise<void> {
  shape(f, "v suite kid kem_pub sig_pub kem_priv sig_priv wraps");
  if (f.v !== VERSION || f.suite !== SUITE) refuse("bad_version");
  if (!Array.isArray(f.wraps)) refuse("bad_encoding");
  for (const w of f.wraps) shape(w, "kind ct", "id");
  if ((await kidOf(unb64(f.kem_pub))) !== f.kid) refuse("bad_member");
  await importPub(f.kem_pub);
  await importSig(f.sig_pub);
}

/** unlock opens a key file. It refuses with no_wrap, bad_tag (wrong secret or altered file) or bad_key. */
export async function unlock(f: KeyFile, kek: Kek): Promise<StaffKeys> {
  const umk = await openUmk(f, kek);
  const key = await keysKey(umk);
  umk.fill(0);
  const kemDer = await gcmOpen(key, unb64(f.kem_priv), privAAD(f, "kem"));
  return importKeys(f, kemDer, await gcmOpen(key, unb64(f.sig_priv), privAAD(f, "sig")));
}

/** rewrap makes a wrap for another way to unlock; the server replaces the wrap of the same kind and id. */
export async function rewrap(f: KeyFile, have: Kek, want: Kek): Promise<KeyWrap> {
  const umk = await openUmk(f, have);
  const wrap = await wrapUmk(f.kid, want, umk);
  umk.fill(0);
  return wrap;
}
