// The staff API as types and short calls. Every answer that carries a Session
// replaces what the page knew before.
import { api, Problem, type Call } from "./api";
import type { KeyFile } from "./seal/index";

/** Grant is one right; without a team it holds for all teams of the provider. */
export interface Grant {
  role: "counsellor" | "supervisor" | "admin" | "auditor";
  provider?: string;
  team?: string;
}

/** Kdf is how this account's password becomes secrets. */
export interface Kdf {
  kdf: string;
  salt: string;
  iterations: number;
}

/** SessionRow is one signed-in browser. */
export interface SessionRow {
  id: string;
  method: "password" | "passkey" | "recovery" | "invite";
  created_at: string;
  seen_at: string;
  idle_until: string;
  ends_at: string;
  current: boolean;
}

/** Session is who is signed in here. */
export interface Session {
  id: string;
  name: string;
  email: string;
  language: string;
  provider: { id: string; name: string };
  grants: Grant[];
  teams: Array<{ id: string; name: string }>;
  session: SessionRow;
  step_up_until: string | null;
  limited: boolean;
  totp: boolean;
  kdf: Kdf | null;
  keys: KeyFile | null;
}

/** Skills decide what is offered to a counsellor. */
export interface Skills {
  topics: string[];
  languages: string[];
  limit: number;
  trainee: boolean;
}

/** Team as its provider sets it. */
export interface Team {
  id: string;
  provider: string;
  name: string;
  topics: string[];
  languages: string[];
  centres: string[];
  reach: "catchment" | "pool" | "nationwide";
  policy: "team" | "duty";
  queue_max: number;
  last_chat_before_s: number;
  formal: boolean;
  chain: { n: number; hash: string } | null;
}

/** Keep is what a provider has set about retention; 0: as the operator has set. */
export interface Keep {
  live_h: number;
  message_d: number;
}

/** Provider as its staff sees it; kept_s is what holds, in seconds after the end. */
export interface Provider {
  id: string;
  name: string;
  keep: Keep;
  kept_s: { live: number; message: number };
}

/** Account of one person. */
export interface Account {
  id: string;
  email: string;
  name: string;
  language: string;
  state: "invited" | "active" | "disabled";
  kid: string;
  totp: boolean;
  passkeys: number;
  invite_expires_at: string | null;
  grants: Grant[];
  skills: Skills;
}

/** Invite is a link that is shown once. */
export interface Invite {
  token: string;
  url: string;
  expires_at: string;
}

/** Passkey as listed for its owner. */
export interface Passkey {
  id: string;
  credential_id: string;
  name: string;
  created_at: string;
  used_at: string | null;
  unlocks: boolean;
}

const ROOT = "/api/v1/staff/";

/** SIGNED_OUT is the event of the document when the server no longer knows the session. */
export const SIGNED_OUT = "lotse:signed-out";

async function call<T>(path: string, options: Call = {}): Promise<T> {
  try {
    return await api<T>(ROOT + path, options);
  } catch (thrown) {
    if (thrown instanceof Problem && /^(signed_out|unauthenticated)$/.test(thrown.code)) document.dispatchEvent(new Event(SIGNED_OUT));
    throw thrown;
  }
}

/** read fetches a resource below the staff API. */
export const read = <T>(path: string, query?: Call["query"]): Promise<T> => call<T>(path, { query });

/** post sends a body (or {}) and gives the answer. */
export const post = <T>(path: string, body: unknown = {}): Promise<T> => call<T>(path, { method: "POST", body });

/** put replaces a resource. */
export const put = <T>(path: string, body: unknown): Promise<T> => call<T>(path, { method: "PUT", body });

/** remove deletes a resource. */
export const remove = <T = void>(path: string): Promise<T> => call<T>(path, { method: "DELETE" });

/** allows tells whether a session has a role for a team (or for any, without one). */
export function allows(session: Session, role: Grant["role"], team?: string): boolean {
  return session.grants.some((grant) => grant.role === role && (!team || !grant.team || grant.team === team));
}
