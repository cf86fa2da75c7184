// What the staff's browser tests share: work by keyboard alone, one-time codes,
// virtual passkey devices, and a look into what the browser keeps of keys.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import { startDemo, visit } from "./harness.mjs";

/** What a refused request leaves in the console of the browser. */
export const REFUSED = /status of 4(01|03|22)/;

/**
 * startNamed starts a demo that is called localhost at a port it knows: a
 * passkey belongs to a name, and the server checks the whole origin.
 */
export async function startNamed() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  const demo = await startDemo({ LOTSE_LISTEN: "127.0.0.1:" + port });
  return { ...demo, url: "http://localhost:" + port };
}

/** enter opens the sign-in page and signs a person in by keyboard alone. */
export async function enter(browser, demo, key, path = "/team", options = {}) {
  const page = await visit(browser, demo, "/team/anmelden?weiter=" + encodeURIComponent(path), options);
  await fillBy(page, "E-Mail-Adresse", demo.people[key].email);
  await fillBy(page, "Kennwort", demo.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === path);
  return page;
}

/** leave signs out from any page with the menu. */
export async function leave(page) {
  await page.getByRole("link", { name: "Abmelden" }).press("Enter");
  await page.getByText("Sie sind abgemeldet").waitFor();
}

/** fillBy finds a field by its label, leads the focus there by Tab, and types. */
export async function fillBy(page, label, text) {
  const field = page.getByLabel(label, { exact: true }).and(page.locator("input, textarea, select"));
  await field.waitFor();
  await tabTo(page, field);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(text);
}

/** press leads the focus to a button by Tab and presses Enter. */
export async function press(page, name) {
  const target = page.getByRole("button", { name, exact: typeof name === "string" }).first();
  await target.waitFor();
  await tabTo(page, target);
  await page.keyboard.press("Enter");
}

/** tabTo presses Tab until the element has the focus, as a person without a mouse does. */
export async function tabTo(page, locator) {
  for (let i = 0; i < 250; i++) {
    if (await locator.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail("Tab does not reach " + locator);
}

/** totp gives the one-time code of a base32 secret at a time in milliseconds (RFC 6238). */
export function totp(secret, at = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => alphabet.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** authenticator puts a virtual passkey device into the browser. */
export async function authenticator(page, hasPrf) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true, hasPrf,
    },
  });
}

/** vault tells how many keys this browser holds, and whether any could be taken out. */
export function vault(page) {
  return page.evaluate(() => new Promise((resolve, reject) => {
    const open = indexedDB.open("lotse-seal", 1);
    open.onupgradeneeded = () => { open.transaction.abort(); };
    open.onerror = () => resolve({ keys: 0, extractable: false });
    open.onsuccess = () => {
      const all = open.result.transaction("keys").objectStore("keys").getAll();
      all.onerror = () => reject(all.error);
      all.onsuccess = () => {
        const keys = all.result.flatMap((parts) => [parts.kem, parts.sig]);
        open.result.close();
        resolve({ keys: keys.length, extractable: keys.some((key) => key.extractable) });
      };
    };
  }));
}

/** forgetKeys throws the keys out of this browser, as an interrupted sign-in leaves it. */
export function forgetKeys(page) {
  return page.evaluate(() => new Promise((resolve) => {
    indexedDB.open("lotse-seal", 1).onsuccess = (event) => {
      const db = event.target.result;
      const tx = db.transaction("keys", "readwrite");
      tx.objectStore("keys").clear();
      tx.oncomplete = () => { db.close(); resolve(); };
    };
  }));
}
