// Runs in a real browser: opens the golden rooms it is given, keeps keys in
// IndexedDB and gets them back, and posts what it saw to the test's server.

import { act } from "./act";
import { newCode, newStaffKeys, loadKeys, loadPin, openRoom, saveKeys, savePin, wipeKeys, type StaffKeys } from "../../../web/app/seal/index";

/** keystore tells what went wrong, "" for nothing. */
async function keystore(): Promise<string> {
  const { keys } = await newStaffKeys([{ kind: "recovery", key: await newCode().recoveryKek() }]);
  await saveKeys("ada", keys);
  await savePin("team", "hash");
  const back = await loadKeys("ada");
  if (!(await works(keys, back))) return "the keys that come back do not work";
  await wipeKeys();
  if (await loadKeys("ada")) return "the keys are still there after wiping";
  if ((await loadPin("team")) !== "hash") return "the pin is gone";
  return localStorage.length + sessionStorage.length > 0 ? "something was stored elsewhere" : "";
}

async function works(keys: StaffKeys, back: StaffKeys | undefined): Promise<boolean> {
  if (back?.kid !== keys.kid) return false;
  const exported = await crypto.subtle.exportKey("pkcs8", back.parts().kem).then(() => true, () => false);
  const room = await openRoom(back.reader, [await act.epochFor(back)]);
  return !exported && room.key(0).secret.length === 32;
}

async function run(): Promise<object> {
  const goldens: Parameters<typeof act.open>[0][] = await (await fetch("/goldens")).json();
  const opened = [];
  for (const g of goldens) opened.push(await act.open(g));
  return { opened, made: await act.make(), keystore: await keystore() };
}

const answer = await run().catch((err: unknown) => ({ error: String(err) }));
await fetch("/answer", { method: "POST", body: JSON.stringify(answer) });
