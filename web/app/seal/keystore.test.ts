import assert from "node:assert/strict";
import { before, test } from "node:test";
import { loadKeys, loadPin, newStaffKeys, saveKeys, savePin, wipeKeys } from "./index";
import { random } from "./bytes";

type Rows = Map<IDBValidKey, unknown>;

/** One store of the stand-in: each request succeeds at the end of the transaction. */
function transaction(rows: Rows): object {
  const tx: { objectStore: () => object; oncomplete?: () => void } = {
    objectStore: () => ({
      put: (value: unknown, key: IDBValidKey) => done(rows.set(key, value) && key),
      get: (key: IDBValidKey) => done(rows.get(key)),
      clear: () => done(rows.clear()),
    }),
  };
  const done = (result: unknown): object => {
    queueMicrotask(() => tx.oncomplete?.());
    return { result };
  };
  return tx;
}

/** A stand-in for IndexedDB, which Node does not have: enough for this keystore, in memory. */
function memoryDatabase(): { stores: Map<string, Rows>; open: () => object } {
  const stores = new Map<string, Rows>();
  const db = {
    createObjectStore: (name: string) => stores.set(name, new Map()),
    transaction: (name: string) => transaction(stores.get(name) ?? assert.fail(name)),
    close: () => undefined,
  };
  const open = (): object => {
    const request: { result: object; onupgradeneeded?: () => void; onsuccess?: () => void } = { result: db };
    queueMicrotask(() => {
      if (stores.size === 0) request.onupgradeneeded?.();
      request.onsuccess?.();
    });
    return request;
  };
  return { stores, open };
}

const memory = memoryDatabase();
before(() => Object.defineProperty(globalThis, "indexedDB", { value: memory }));

test("keys stay until wiped, for one account, unexportable; pins outlive them", async () => {
  const { keys } = await newStaffKeys([{ kind: "recovery", key: random(32) }]);
  assert.equal(await loadKeys("ada"), undefined);
  await saveKeys("ada", keys);
  assert.equal((await loadKeys("ada"))?.kid, keys.kid);
  for (const value of memory.stores.get("keys")?.values() ?? []) {
    const { kem, sig } = value as { kem: CryptoKey; sig: CryptoKey };
    assert.ok(!kem.extractable && !sig.extractable);
  }
  await saveKeys("ben", keys);
  assert.equal(await loadKeys("ada"), undefined, "keys of another account are thrown away");
  assert.equal(await loadPin("team-1"), "");
  await savePin("team-1", "hash");
  await wipeKeys();
  assert.equal(await loadKeys("ben"), undefined);
  assert.equal(await loadPin("team-1"), "hash");
});
