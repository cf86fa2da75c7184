// Passkeys: the browser's own dialogs, with the PRF extension where the
// authenticator has it. The PRF result never leaves this page.
import { passkeySalt } from "./seal/index";
import { post, type Session } from "./team_api";

/** Touched is what a passkey answered: the credential for the server, and the secret that stays here. */
export interface Touched {
  id: string;
  credential: Record<string, unknown>;
  prf: Uint8Array<ArrayBuffer> | null;
}

interface Ceremony {
  ceremony: string;
  publicKey: any;
}

/** available tells whether this browser can use passkeys at all. */
export function available(): boolean {
  return typeof PublicKeyCredential === "function" && typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";
}

/** signIn runs a passkey sign-in (or a step-up, by its path). Throws Problem, or Cancelled when the person gave up. */
export async function signIn(path: string): Promise<{ session: Session; touched: Touched }> {
  const begun = await post<Ceremony>(path + "/begin");
  const touched = await touch(begun.publicKey);
  const session = await post<Session>(path + "/finish", { ceremony: begun.ceremony, credential: touched.credential });
  return { session, touched };
}

/** touch asks for an existing passkey. */
async function touch(publicKey: any): Promise<Touched> {
  const options = PublicKeyCredential.parseRequestOptionsFromJSON(publicKey);
  options.extensions = { ...options.extensions, prf: { eval: { first: await passkeySalt() } } };
  return answer(() => navigator.credentials.get({ publicKey: options }));
}

/** create makes a new passkey for a running registration. */
export async function create(publicKey: any): Promise<Touched> {
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(publicKey);
  options.extensions = { ...options.extensions, prf: { eval: { first: await passkeySalt() } } };
  return answer(() => navigator.credentials.create({ publicKey: options }));
}

/** prfOf asks one known passkey again for its secret, for authenticators that give none at creation. */
export async function prfOf(id: string): Promise<Uint8Array<ArrayBuffer> | null> {
  const challenge = crypto.getRandomValues(new Uint8Array(32));
  const first = await passkeySalt();
  const touched = await answer(() =>
    navigator.credentials.get({
      publicKey: {
        challenge,
        allowCredentials: [{ type: "public-key", id: bytes(id) }],
        userVerification: "required",
        extensions: { prf: { eval: { first } } },
      },
    }),
  );
  return touched.prf;
}

/** Cancelled is thrown when the person closed the browser's dialog or had no passkey. */
export class Cancelled extends Error {
  readonly code = "passkey_cancelled";
}

async function answer(ask: () => Promise<Credential | null>): Promise<Touched> {
  let credential: Credential | null;
  try {
    credential = await ask();
  } catch {
    throw new Cancelled();
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Cancelled();
  return strip(credential);
}

/** strip takes the PRF secret out of what goes to the server. */
function strip(credential: PublicKeyCredential): Touched {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  const json = credential.toJSON() as Record<string, any>;
  if (json.clientExtensionResults?.prf) delete json.clientExtensionResults.prf.results;
  return { id: credential.id, credential: json, prf: first ? raw(first) : null };
}

function raw(source: BufferSource): Uint8Array<ArrayBuffer> {
  const view = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source);
  return new Uint8Array(view);
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
}
