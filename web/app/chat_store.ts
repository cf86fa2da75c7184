/**
 * What a chat leaves in the browser: the token and the key seed, in
 * sessionStorage, so that it ends with the tab. No text, no name, no topic.
 * The pins are hashes of team states that this tab has verified.
 */
export interface Stored {
  token: string;
  /** Seed of the seeker's key, base64url. */
  seed: string;
  /** Seed of the key that a return code is being made for, until the server has its epoch. */
  next?: string;
  /** Team → hash of the newest team state seen. */
  pins: Record<string, string>;
}

const KEY = "lotse.chat";

/** The seat of this tab, if it has one. */
export function load(storage: Storage | undefined = here()): Stored | undefined {
  try {
    const value = JSON.parse(storage?.getItem(KEY) ?? "null") as Partial<Stored> | null;
    if (typeof value?.token !== "string" || typeof value.seed !== "string") return undefined;
    return { token: value.token, seed: value.seed, next: value.next, pins: { ...value.pins } };
  } catch {
    return undefined;
  }
}

/** Keeps the seat. A browser that stores nothing keeps it until the page closes. */
export function save(seat: Stored, storage: Storage | undefined = here()): void {
  try {
    storage?.setItem(KEY, JSON.stringify(seat));
  } catch {
    // Storage is full or forbidden: the chat works, a reload ends it.
  }
}

/** Forgets the seat. */
export function clear(storage: Storage | undefined = here()): void {
  try {
    storage?.removeItem(KEY);
  } catch {
    // There was nothing to forget.
  }
}

function here(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
