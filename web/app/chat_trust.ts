/** What a seat checks and whom it believes: the parts that hold no state. */
import { Problem } from "./api";
import type { Stored } from "./chat_store";
import { SealError, seekerKey, unb64, type Chain, type Epoch, type ReaderKey } from "./seal/index";

/** A check failed that must never fail: nothing may be sent any more. */
export class Untrusted extends Error {
  constructor(readonly code: string) {
    super(code);
    this.name = "Untrusted";
  }
}

/** The server wants a team to read that the seeker has not agreed to. */
export class NeedsConsent extends Error {
  constructor(readonly team: string, readonly label: string) {
    super("needs consent");
    this.name = "NeedsConsent";
  }
}

/** How long a call rests before it is repeated, milliseconds. */
const AGAIN = 2_000;

/** The key of this tab that the newest epoch names as the seeker's. */
export async function keyFor(stored: Stored, epochs: Epoch[]): Promise<ReaderKey> {
  const kid = epochs.at(-1)?.recipients.find((r) => r.kind === "seeker")?.kid;
  if (stored.next) {
    const next = await seekerKey(unb64(stored.next));
    if (next.kid === kid) {
      Object.assign(stored, { seed: stored.next, next: undefined });
      return next;
    }
  }
  return seekerKey(unb64(stored.seed));
}

/** Repeats a call while the network or the server is not there. */
export async function persevere<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (err) {
      const passing = err instanceof Problem && (err.code === "offline" || err.status >= 500 || err.status === 429);
      if (!passing) throw err;
      await new Promise((done) => setTimeout(done, AGAIN));
    }
  }
}

/** Recovery keys are added by the chain itself. */
export function people(chain: Chain, kids: string[]): string[] {
  const recovery = new Set(chain.head.members.filter((m) => m.recovery).map((m) => m.kid));
  return kids.filter((kid) => !recovery.has(kid));
}

/** Runs a check; a seal error means that the server's word cannot be trusted. */
export async function trusted<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (err) {
    throw err instanceof SealError ? new Untrusted(err.code) : err;
  }
}
