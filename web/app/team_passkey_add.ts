// Adding a passkey: registration, and where the authenticator gives a secret,
// the wrap that lets it unlock the keys as well.
import { put, post, type Passkey } from "./team_api";
import { create, prfOf } from "./team_passkey";
import { fromPasskey } from "./team_secrets";
import { rewrap, type Kek, type KeyFile } from "./seal/index";

/** addPasskey registers a new passkey under a name. Throws Problem or Cancelled. */
export async function addPasskey(name: string, keys: KeyFile, have: Kek): Promise<Passkey> {
  const begun = await post<{ ceremony: string; publicKey: unknown }>("passkeys/begin");
  const touched = await create(begun.publicKey);
  const kek = await fromPasskey(touched);
  const wrap = kek ? await rewrap(keys, have, kek) : undefined;
  const passkey = await post<Passkey>("passkeys/finish", { ceremony: begun.ceremony, name, credential: touched.credential, wrap });
  if (passkey.unlocks || !enabled(touched.credential)) return passkey;
  return secondTouch(passkey, keys, have);
}

/** enabled tells whether the authenticator has the PRF extension although it gave no secret yet. */
function enabled(credential: Record<string, any>): boolean {
  return credential.clientExtensionResults?.prf?.enabled === true;
}

/** secondTouch is for authenticators that give the secret only when they are used. */
async function secondTouch(passkey: Passkey, keys: KeyFile, have: Kek): Promise<Passkey> {
  const prf = await prfOf(passkey.credential_id);
  const kek = prf && (await fromPasskey({ id: passkey.credential_id, credential: {}, prf }));
  if (!kek) return passkey;
  await put("passkeys/" + passkey.id + "/wrap", { wrap: await rewrap(keys, have, kek) });
  return { ...passkey, unlocks: true };
}
