// From what a person types or touches to secrets, and from secrets to keys in
// use. Passwords, codes and PRF results stay inside this page; only the auth
// halves leave it.
import {
  derivePassword, ITERATIONS, newCode, newSalt, newStaffKeys, parseCode, passkeyKek, saveKeys, unb64, b64, unlock,
  type Kek, type KeyFile,
} from "./seal/index";
import { read, type Kdf, type Session } from "./team_api";
import type { Touched } from "./team_passkey";

/** Proof is one way to unlock together with what proves it to the server. */
export interface Proof {
  auth: string;
  kek: Kek;
}

/** NewPassword is what the server keeps of a chosen password, and the way to unlock it gives. */
export interface NewPassword extends Proof {
  salt: string;
  iterations: number;
}

/** fromPassword stretches a password with the account's own salt. Throws SealError for a server that asks for too few rounds. */
export async function fromPassword(password: string, kdf: Kdf): Promise<Proof> {
  const { auth, kek } = await derivePassword(password, unb64(kdf.salt), kdf.iterations);
  return { auth, kek: { kind: "password", key: kek } };
}

/** choosePassword stretches a new password with a fresh salt. */
export async function choosePassword(password: string): Promise<NewPassword> {
  const salt = newSalt();
  const { auth, kek } = await derivePassword(password, salt, ITERATIONS);
  return { salt: b64(salt), iterations: ITERATIONS, auth, kek: { kind: "password", key: kek } };
}

/** fromCode reads a recovery code as people type it. Throws SealError when it cannot be one. */
export async function fromCode(text: string): Promise<Proof> {
  const code = parseCode(text);
  return { auth: await code.recoveryAuth(), kek: { kind: "recovery", key: await code.recoveryKek() } };
}

/** newRecovery makes a recovery code: its text to show, and its proof. */
export async function newRecovery(): Promise<{ text: string; proof: Proof }> {
  const { text } = newCode();
  return { text, proof: await fromCode(text) };
}

/** fromPasskey gives the way to unlock of a touched passkey, or null when it has no PRF. */
export async function fromPasskey(touched: Touched): Promise<Kek | null> {
  if (!touched.prf) return null;
  return { kind: "passkey", id: touched.id, key: await passkeyKek(touched.prf, unb64(touched.id)) };
}

/** unlockSession opens the keys with one way and keeps them, non-extractable, for this session. */
export async function unlockSession(session: Session, kek: Kek): Promise<void> {
  const keys = session.keys ?? (await read<KeyFile>("keys"));
  await saveKeys(session.id, await unlock(keys, kek));
}

/** passkeyWraps are the passkeys that can unlock. */
export function passkeyWraps(session: Session): string[] {
  return (session.keys?.wraps ?? []).flatMap((wrap) => (wrap.kind === "passkey" && wrap.id ? [wrap.id] : []));
}

/** makeKeys makes a new pair that the password and the recovery code open. */
export async function makeKeys(password: Kek, recovery: Kek): Promise<KeyFile> {
  return (await newStaffKeys([password, recovery])).file;
}
