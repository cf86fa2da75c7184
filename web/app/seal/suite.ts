// Suite 1 on WebCrypto: HPKE with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and
// AES-256-GCM, and the plain HKDF, HMAC, GCM that BEK1 needs beside it.

import { b64, concat, random, unb64, utf8, type Bin } from "./bytes";
import { refuse } from "./errors";
import { kem, openBase, sealBase, type Pair } from "./hpke";

/** VERSION and SUITE stand in every object; other values are refused. */
export const VERSION = 1;
export const SUITE = 1;

export const PUB_SIZE = 65;
export const KEY_SIZE = 32;
export const NONCE_SIZE = 12;
export const TAG_SIZE = 16;

const info = (): Bin => utf8("bek1");
const plain = (data: Uint8Array): Bin => new Uint8Array(data);

/** ReaderKey is an HPKE key pair of a seeker or of staff; its private key cannot be exported. */
export interface ReaderKey {
  readonly kid: string;
  readonly pub: string;
  readonly pair: Pair;
  /** a seeker's key for the own mark of epochs */
  readonly own?: Bin;
}

/** newSeed makes what a seeker's tab keeps instead of a key: 32 random bytes. */
export function newSeed(): Bin {
  return random(KEY_SIZE);
}

/** seekerKey derives the key pair of a seeker from a 32-byte seed (RFC 9180 DeriveKeyPair). */
export async function seekerKey(seed: Uint8Array): Promise<ReaderKey> {
  if (seed.length !== KEY_SIZE) refuse("bad_key");
  const pair = await kem().DeriveKeyPair(seed, false);
  const key = await readerKey(pair, await kem().SerializePublicKey(pair.publicKey));
  return { ...key, own: await derive(new Uint8Array(seed), "bek1 own") };
}

/** readerKey names a key pair. */
export async function readerKey(pair: Pair, pub: Uint8Array): Promise<ReaderKey> {
  return { kid: await kidOf(pub), pub: b64(pub), pair };
}

/** kidOf names a public KEM key: SHA-256(pub)[:16]. */
export async function kidOf(pub: Uint8Array): Promise<string> {
  return b64((await sha256(pub)).subarray(0, 16));
}

/** point reads an uncompressed point; some browsers would take other forms of the same point too. */
export function point(pub: string): Bin {
  const raw = unb64(pub);
  return raw.length === PUB_SIZE && raw[0] === 4 ? raw : refuse("bad_key");
}

/** importPub reads a public KEM key; bad_key unless it is a point on the curve. */
export async function importPub(pub: string): Promise<CryptoKey> {
  return kem().DeserializePublicKey(point(pub)).catch(() => refuse("bad_key"));
}

/** hpkeSeal is single-shot HPKE in base mode with info "bek1". */
export async function hpkeSeal(pub: string, aad: Bin, text: Bin): Promise<{ enc: Bin; ct: Bin }> {
  return sealBase(await importPub(pub), info(), aad, text);
}

/** hpkeOpen refuses with bad_tag whatever is wrong. */
export function hpkeOpen(key: ReaderKey, enc: Bin, aad: Bin, ct: Bin): Promise<Bin> {
  return openBase(key.pair, info(), enc, aad, ct).catch(() => refuse("bad_tag"));
}

export async function sha256(data: Uint8Array): Promise<Bin> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", plain(data)));
}

/** derive is HKDF-SHA256 to 32 bytes; the salt is empty unless given. */
export async function derive(secret: Bin, label: string, salt: Uint8Array = new Uint8Array()): Promise<Bin> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const params = { name: "HKDF", hash: "SHA-256", salt: plain(salt), info: utf8(label) };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, KEY_SIZE * 8));
}

export async function mac(secret: Bin, ...parts: Uint8Array[]): Promise<Bin> {
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, concat(...parts)));
}

export function aesKey(raw: Bin): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

/** gcmSeal returns nonce‖ciphertext‖tag with a fresh random nonce. */
export async function gcmSeal(key: CryptoKey, text: Bin, aad: Bin): Promise<Bin> {
  const iv = random(NONCE_SIZE);
  const ct = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: aad }, key, text);
  return concat(iv, new Uint8Array(ct));
}

/** gcmOpen refuses with bad_tag. */
export async function gcmOpen(key: CryptoKey, box: Bin, aad: Bin): Promise<Bin> {
  if (box.length < NONCE_SIZE + TAG_SIZE) refuse("bad_tag");
  const params = { name: "AES-GCM", iv: box.subarray(0, NONCE_SIZE), additionalData: aad };
  const text = await crypto.subtle.decrypt(params, key, box.subarray(NONCE_SIZE)).catch(() => refuse("bad_tag"));
  return new Uint8Array(text);
}
