// From passwords and passkeys to keys. Twin of internal/seal/password.go.

import { b64, random, utf8, type Bin } from "./bytes";
import { refuse } from "./errors";
import { derive, KEY_SIZE, sha256 } from "./suite";

/** ITERATIONS of PBKDF2-SHA256 for new passwords, and the least that is accepted from a server. */
export const ITERATIONS = 600_000;
const MAX_ITERATIONS = 10_000_000;
const SALT_SIZE = 16;

/** newSalt makes a random salt for a password. */
export function newSalt(): Bin {
  return random(SALT_SIZE);
}

/**
 * derivePassword stretches a password (NFKC) into auth, which is sent to log in
 * (base64url), and kek, which never leaves the device. It refuses with
 * weak_iterations or bad_encoding.
 */
export async function derivePassword(password: string, salt: Bin, iter: number): Promise<{ auth: string; kek: Bin }> {
  if (!Number.isInteger(iter) || iter < ITERATIONS || iter > MAX_ITERATIONS) refuse("weak_iterations");
  if (salt.length !== SALT_SIZE || password === "") refuse("bad_encoding");
  const secret = await stretch(utf8(password.normalize("NFKC")), salt, iter, KEY_SIZE);
  return { auth: b64(await derive(secret, "bek1 auth")), kek: await derive(secret, "bek1 kek password") };
}

/** stretch is PBKDF2-SHA256. */
export async function stretch(secret: Bin, salt: Bin, iterations: number, size: number): Promise<Bin> {
  const key = await crypto.subtle.importKey("raw", secret, "PBKDF2", false, ["deriveBits"]);
  const params = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return new Uint8Array(await crypto.subtle.deriveBits(params, key, size * 8));
}

/** passkeySalt is what a passkey's PRF is evaluated on (eval.first). */
export function passkeySalt(): Promise<Bin> {
  return sha256(utf8("bek1 kek passkey"));
}

/** passkeyKek derives the key from a passkey's 32-byte PRF output and its raw credential id. */
export function passkeyKek(prf: Bin, credentialId: Bin): Promise<Bin> {
  if (prf.length !== KEY_SIZE) refuse("bad_key");
  return derive(prf, "bek1 kek passkey", credentialId);
}
