// What a staff browser keeps in IndexedDB: unlocked private keys as CryptoKeys
// that cannot be exported, and the newest team states it has verified (pins).
// No password, no readable key and no counselling text ever comes here.

import { refuse } from "./errors";
import { StaffKeys, type KeyParts } from "./keyring";

const DATABASE = "lotse-seal";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("keys");
      request.result.createObjectStore("pins");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run<T>(store: "keys" | "pins", mode: IDBTransactionMode, act: (s: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const db = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const tx = db.transaction(store, mode);
      const request = act(tx.objectStore(store));
      tx.oncomplete = () => resolve(request.result);
      tx.onerror = tx.onabort = () => reject(tx.error);
    });
  } finally {
    db.close();
  }
}

/** saveKeys keeps the keys of this account until wipeKeys; those of any other account are thrown away. */
export async function saveKeys(account: string, keys: StaffKeys): Promise<void> {
  const parts = keys.parts();
  if (parts.kem.extractable || parts.sig.extractable) refuse("bad_key");
  await wipeKeys();
  await run("keys", "readwrite", (s) => s.put(parts, account));
}

/** loadKeys gives the keys of this account, or undefined when they have to be unlocked again. */
export async function loadKeys(account: string): Promise<StaffKeys | undefined> {
  const parts = await run<KeyParts | undefined>("keys", "readonly", (s) => s.get(account));
  return parts && StaffKeys.from(parts);
}

/** wipeKeys removes every private key from this browser; pins stay. */
export async function wipeKeys(): Promise<void> {
  await run("keys", "readwrite", (s) => s.clear());
}

/** savePin remembers the hash of the newest verified state of a team; pins outlive the session on purpose. */
export async function savePin(team: string, hash: string): Promise<void> {
  await run("pins", "readwrite", (s) => s.put(hash, team));
}

/** loadPin gives the remembered hash, or "" on the first visit. */
export async function loadPin(team: string): Promise<string> {
  return (await run<string | undefined>("pins", "readonly", (s) => s.get(team))) ?? "";
}
