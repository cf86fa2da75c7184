import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, lp, random, shape, unb64, utf8, type Bin } from "./bytes";
import {
  decodeContent, derivePassword, encodeContent, ITERATIONS, newCode, newSalt, newStaffKeys, parseCode, passkeyKek, passkeySalt, rewrap, StaffKeys,
  unlock, type Kek, type KeyFile,
} from "./index";
import { flip, reasonOf } from "./testing";

test("staff keys open in every way and in no other", async () => {
  const code = newCode();
  const credential = random(16);
  const { auth, kek } = await derivePassword("Schöner Tag!", newSalt(), ITERATIONS);
  assert.notEqual(auth, b64(kek));
  const password: Kek = { kind: "password", key: kek };
  const recovery: Kek = { kind: "recovery", key: await code.recoveryKek() };
  const passkey: Kek = { kind: "passkey", id: b64(credential), key: await passkeyKek(random(32), credential) };
  const { keys, file } = await newStaffKeys([password, recovery]);
  assert.equal(await reasonOf(() => unlock(file, passkey)), "no_wrap");
  file.wraps.push(await rewrap(file, recovery, passkey));
  for (const k of [password, recovery, passkey]) {
    assert.equal((await unlock(file, k)).kid, keys.kid);
    assert.equal(await reasonOf(() => unlock(file, { ...k, key: random(32) })), "bad_tag");
    assert.equal(await reasonOf(() => unlock(file, { ...k, key: random(31) })), "bad_key");
  }
  assert.equal(await reasonOf(() => rewrap(file, password, { kind: "passkey", key: kek })), "bad_encoding");
  assert.equal((await passkeySalt()).length, 32);
});

test("every part of a key file is bound", async () => {
  const kek: Kek = { kind: "recovery", key: random(32) };
  const { file } = await newStaffKeys([kek]);
  const wrap = file.wraps[0];
  assert.ok(wrap);
  const changed: KeyFile[] = [{ ...file, v: 2 }, { ...file, suite: 2 }, { ...file, wraps: [{ ...wrap, kind: "password" }] }];
  for (const field of ["kid", "kem_pub", "sig_pub", "kem_priv", "sig_priv"] as const) {
    for (let bit = 0; bit < unb64(file[field]).length * 8; bit += 3) changed.push({ ...file, [field]: flip(file[field], bit) });
  }
  for (let bit = 0; bit < 60 * 8; bit++) changed.push({ ...file, wraps: [{ ...wrap, ct: flip(wrap.ct, bit) }] });
  for (const f of changed) assert.notEqual(await reasonOf(() => unlock(f, kek)), "");
});

test("a keystore gets keys that cannot be exported, and only such", async () => {
  const { keys } = await newStaffKeys([{ kind: "recovery", key: random(32) }]);
  const parts = keys.parts();
  assert.equal((await StaffKeys.from(parts)).kid, keys.kid);
  const open = await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"]);
  assert.equal(await reasonOf(() => StaffKeys.from({ ...parts, kem: open.privateKey })), "bad_key");
});

test("passwords have a floor of work", async () => {
  for (const iterations of [0, 1, ITERATIONS - 1, 1e9, NaN]) {
    assert.equal(await reasonOf(() => derivePassword("pass", newSalt(), iterations)), "weak_iterations");
  }
  assert.equal(await reasonOf(() => derivePassword("", newSalt(), ITERATIONS)), "bad_encoding");
  const salt = newSalt();
  assert.equal((await derivePassword("\u00fcber", salt, ITERATIONS)).auth, (await derivePassword("u\u0308ber", salt, ITERATIONS)).auth);
});

test("codes are read as people type them", async () => {
  const code = newCode();
  const auth = await code.returnAuth();
  const spoken = code.text.replaceAll("0", "o").replaceAll("1", "l");
  for (const typed of [code.text, code.text.toLowerCase(), code.text.replaceAll("-", ""), ` ${code.text.replaceAll("-", " – ")}\n`, spoken]) {
    assert.equal(await parseCode(typed).returnAuth(), auth);
  }
  const plain = code.text.replaceAll("-", "");
  for (let i = 0; i < plain.length; i++) {
    const other = plain.charAt(i) === "7" ? "8" : "7";
    assert.equal(await reasonOf(() => parseCode(plain.slice(0, i) + other + plain.slice(i + 1))), "code_check");
    assert.equal(await reasonOf(() => parseCode(plain.slice(0, i) + plain.slice(i + 1))), "code_length");
    assert.equal(await reasonOf(() => parseCode(plain.slice(0, i) + "U" + plain.slice(i + 1))), "code_symbol");
  }
  const secrets = await Promise.all([code.recoveryAuth(), code.recoveryKek().then(b64), code.returnAuth(), code.returnSeed().then(b64)]);
  assert.equal(new Set(secrets).size, 4);
});

test("encodings are strict", async () => {
  assert.deepEqual(unb64("AAEC"), Uint8Array.of(0, 1, 2));
  for (const bad of ["AA==", "A", "AB", "A+", "A/", "AA\n", " AA", null, 7, undefined]) {
    assert.equal(await reasonOf(() => unb64(bad)), "bad_encoding", JSON.stringify(bad));
  }
  assert.equal(await reasonOf(() => unb64("AAEC", 4)), "bad_encoding");
  const lists: (string | Bin)[][] = [["ab"], ["a", "b"], ["", "ab"], ["ab", ""], ["a", "", "b"], []];
  assert.equal(new Set(lists.map((l) => b64(lp(...l)))).size, lists.length);
  for (const bad of [null, [], "x", { a: 1 }, { a: 1, b: 2, d: 3 }]) assert.equal(await reasonOf(() => shape(bad, "a b", "c")), "bad_encoding");
  shape({ a: 1, b: 2, c: 3 }, "a b", "c");
});

test("content is one JSON object", async () => {
  assert.deepEqual(decodeContent(encodeContent({ text: "Grüße", kind: "summary" })), { text: "Grüße", kind: "summary" });
  for (const bad of ["", "[]", "null", '"x"', '{"text":1}', '{"kind":[]}', "{"]) {
    assert.equal(await reasonOf(() => decodeContent(utf8(bad))), "bad_encoding");
  }
  assert.equal(await reasonOf(() => decodeContent(Uint8Array.of(0x7b, 0xff, 0x7d))), "bad_encoding");
});
