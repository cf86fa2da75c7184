import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint, newSeed, newState, seekerKey, newRoom, openRoom, verify, type Member, type SignedState } from "./index";
import { b64 } from "./bytes";
import { AT, flip, freshKeys, newWorld, reasonOf } from "./testing";
import words from "./words-de.json";

test("what breaks a chain is named, with its place", async () => {
  const w = await newWorld();
  const spy = await freshKeys();
  const state = (members: readonly Member[] = w.genesis.members) => newState("team-1", w.chain, members);
  const next = await w.ada.sign(state());
  const own = await spy.sign(newState("team-1", undefined, [spy.member("Spy", { reads: true, signs: true })]));
  const cases: [string, SignedState[], string, number, string][] = [
    ["empty", [], "", 0, "broken_chain"],
    ["not from the genesis", [next], "", 0, "broken_chain"],
    ["a reader signs", [w.genesis, await w.ben.sign(state())], "", 1, "not_signer"],
    ["a stranger adds himself", [w.genesis, await spy.sign(state([...w.genesis.members, spy.member("Spy", { reads: true, signs: true })]))], "", 1, "not_signer"],
    ["second genesis", [w.genesis, own], "", 1, "broken_chain"],
    ["nobody could follow", [w.genesis, await w.ada.sign(state([w.ben.member("Ben", { reads: true, signs: false })]))], "", 1, "no_signer"],
    ["other team", [w.genesis, await w.ada.sign({ ...state(), team: "team-2" })], "", 1, "wrong_team"],
    ["member twice", [w.genesis, await w.ada.sign({ ...state(), members: [...w.genesis.members, ...w.genesis.members.slice(2)] })], "", 1, "bad_member"],
    ["wrong prev", [w.genesis, await w.ada.sign({ ...state(), prev: flip(state().prev, 0) })], "", 1, "broken_chain"],
    ["rolled back", [w.genesis], (await w.chain.append(next)).headHash, 1, "rollback"],
    ["other history", [own], w.chain.headHash, 1, "rollback"],
  ];
  for (const [name, chain, pinned, at, code] of cases) await assert.rejects(verify("team-1", chain, pinned), { code, at }, name);
  assert.equal((await verify("team-1", [w.genesis, next], w.chain.headHash)).head.n, 1);
});

test("every bit of a state and its signature is bound", async () => {
  const w = await newWorld();
  const bits = (s: string): number[] => [...Array(Math.floor((s.length * 3) / 4) * 8).keys()];
  const sample = (s: string): number[] => bits(s).filter((b) => b % 5 === 0);
  const changed: SignedState[] = [];
  for (const bit of bits(w.genesis.sig)) changed.push({ ...w.genesis, sig: flip(w.genesis.sig, bit) });
  for (const bit of bits(w.genesis.by)) changed.push({ ...w.genesis, by: flip(w.genesis.by, bit) });
  for (const [i, m] of w.genesis.members.entries()) {
    const variants: Member[] = [{ ...m, reads: !m.reads }, { ...m, signs: !m.signs }, { ...m, name: m.name + " " }, { ...m, not_after: 1 }, { ...m, recovery: true }];
    for (const bit of sample(m.kem_pub)) variants.push({ ...m, kem_pub: flip(m.kem_pub, bit) });
    for (const bit of sample(m.sig_pub ?? "")) variants.push({ ...m, sig_pub: flip(m.sig_pub ?? "", bit) });
    for (const bit of sample(m.kid)) variants.push({ ...m, kid: flip(m.kid, bit) });
    for (const v of variants) changed.push({ ...w.genesis, members: w.genesis.members.map((x, j) => (j === i ? v : x)) });
  }
  for (const s of changed) assert.notEqual(await reasonOf(() => verify("team-1", [s])), "");
});

test("leavers and ended memberships block sending", async () => {
  const w = await newWorld();
  const { epoch } = await newRoom({ seeker: w.seeker, chain: w.chain, readers: [w.ben.kid], at: AT });
  const noonSeconds = AT.getTime() / 1000;
  const limited = w.genesis.members.map((m) => (m.kid === w.ben.kid ? { ...m, not_after: noonSeconds + 60 } : m));
  const second = await w.chain.append(await w.ada.sign(newState("team-1", w.chain, limited)));
  second.checkCurrent(epoch, AT);
  const later = new Date(AT.getTime() + 60_000);
  assert.equal(await reasonOf(() => second.checkCurrent(epoch, later)), "expired_member");
  assert.equal(await reasonOf(() => second.pick([w.ben.kid], later)), "expired_member");
  const third = await second.append(await w.ada.sign(newState("team-1", second, limited.filter((m) => m.kid !== w.ben.kid))));
  third.check(epoch);
  assert.equal(await reasonOf(() => third.checkCurrent(epoch, AT)), "removed_member");
  assert.equal(await reasonOf(() => third.pick([w.ben.kid], AT)), "unknown_recipient");
  const newer = (await newRoom({ seeker: w.seeker, chain: third, at: AT })).epoch;
  assert.equal(await reasonOf(() => third.checkOrder(newer, epoch)), "rollback");
  third.checkOrder(epoch, newer);
  assert.equal(await reasonOf(() => w.chain.check(newer)), "unknown_state");
});

test("a recovery member reads and is always among the recipients", async () => {
  const w = await newWorld();
  const safe = await seekerKey(newSeed());
  const rita: Member = { kid: safe.kid, kem_pub: safe.pub, name: "Tresor", reads: true, signs: false, recovery: true };
  const chain = await w.chain.append(await w.ada.sign(newState("team-1", w.chain, [...w.genesis.members, rita])));
  const { room, epoch } = await newRoom({ seeker: w.seeker, chain, readers: [w.ben.kid], at: AT });
  assert.equal(epoch.recipients.find((r) => r.kid === safe.kid)?.kind, "recovery");
  assert.equal(b64((await openRoom(safe, [epoch])).key(0).secret), b64(room.key(0).secret));
  chain.checkCurrent(epoch, AT);
  for (const bad of [{ ...rita, signs: true }, { ...rita, reads: false }, { ...rita, sig_pub: w.ada.sigPub }]) {
    const s = await w.ada.sign(newState("team-1", w.chain, [...w.genesis.members, bad]));
    assert.equal(await reasonOf(() => w.chain.append(s)), "bad_member");
  }
});

test("six words of 2,048", async () => {
  const w = await newWorld();
  assert.equal(new Set(words).size, 2048);
  const six = await fingerprint(w.chain.genesis, words);
  assert.equal(six.length, 6);
  assert.deepEqual(six, await fingerprint(w.chain.genesis, words));
  assert.notDeepEqual(six, await fingerprint(flip(w.chain.genesis, 255), words));
  await assert.rejects(fingerprint(w.chain.genesis, words.slice(1)), { code: "bad_encoding" });
});
