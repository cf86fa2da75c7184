import assert from "node:assert/strict";
import { test } from "node:test";
import { b64, unb64 } from "./bytes";
import { newEpoch } from "./epoch";
import { encodeContent, MAX_PLAIN, newCode, newRoom, openRoom, SEEKER, seekerKey, Transcript, type Message } from "./index";
import { pad, RoomKey, unpad, validBody } from "./message";
import { AT, flip, freshKeys, Log, newWorld, read, reasonOf, roomWithBen } from "./testing";

test("both sides write and read", async () => {
  const w = await newWorld();
  const { seeker, ben } = await roomWithBen(w);
  w.chain.checkCurrent(ben.current, AT);
  const log = new Log();
  await log.say(seeker, SEEKER, "Hallo");
  await log.say(ben, w.ben.kid, "Guten Tag 🌱");
  await log.say(seeker, SEEKER, "مرحبا");
  for (const room of [seeker, ben]) {
    assert.deepEqual(await read(room, ...log.all, ...log.all), ["Hallo", "Guten Tag 🌱", "مرحبا"]);
  }
  const t = new Transcript(ben);
  await Promise.all(log.all.map((m) => t.add(m))); // calls may overlap
  assert.equal(t.seq, 3);
  assert.equal(t.next(SEEKER), 3);
  assert.equal(t.next(w.ben.kid), 2);
  assert.ok(t.has("m1") && !t.has("m4"));
});

test("private keys cannot be exported", async () => {
  const w = await newWorld();
  for (const key of [w.seeker.pair.privateKey, w.ada.parts().kem, w.ada.parts().sig]) {
    assert.equal(key.extractable, false);
    await assert.rejects(crypto.subtle.exportKey("pkcs8", key));
  }
});

test("a new reader sees earlier text only with history", async () => {
  const w = await newWorld();
  const { seeker, ben, first } = await roomWithBen(w);
  const log = new Log();
  await log.say(seeker, SEEKER, "eins");
  const e1 = await seeker.next({ chain: w.chain, readers: [w.cem.kid], history: true, at: AT });
  await ben.accept(e1);
  await log.say(seeker, SEEKER, "zwei");
  assert.deepEqual(await read(await openRoom(w.cem.reader, [first, e1]), ...log.all), ["eins", "zwei"]);
  assert.deepEqual(await read(ben, ...log.all), ["eins", "locked locked"]);
  const e2 = await seeker.next({ chain: w.chain, readers: [w.ada.kid], at: AT });
  await log.say(seeker, SEEKER, "drei");
  assert.deepEqual(await read(await openRoom(w.ada.reader, [first, e1, e2]), ...log.all), ["locked locked", "locked locked", "drei"]);
  assert.equal(await reasonOf(() => ben.seal({ sender: w.ben.kid, id: "x", n: 1, after: 0 }, encodeContent({ text: "x" }))), "locked");
});

test("the return code opens the room in another browser", async () => {
  const w = await newWorld();
  const { seeker, first } = await roomWithBen(w);
  const log = new Log();
  await log.say(seeker, SEEKER, "eins");
  const code = newCode();
  const again = await seekerKey(await code.returnSeed());
  const e1 = await seeker.next({ chain: w.chain, seeker: again, history: true, at: AT });
  const back = await openRoom(again, [first, e1]);
  await log.say(back, SEEKER, "zwei");
  assert.deepEqual(await read(back, ...log.all), ["eins", "zwei"]);
  assert.deepEqual(await read(seeker, ...log.all), ["eins", "zwei"]);
});

test("a reader makes the next epoch while the seeker is away", async () => {
  const w = await newWorld();
  const { seeker, ben } = await roomWithBen(w);
  await seeker.accept(await ben.next({ chain: w.chain, readers: [w.cem.kid], history: true, at: AT }));
  assert.equal(b64(seeker.key(1).secret), b64(ben.key(1).secret));
});

test("every bit of a body is bound", async () => {
  const w = await newWorld();
  const { seeker } = await roomWithBen(w);
  const key = seeker.key(0);
  const h = { sender: SEEKER, id: "m1", n: 7, after: 5 };
  const body = b64(await key.seal(h, encodeContent({ text: "Hallo" })));
  for (let bit = 0; bit < 284 * 8; bit++) {
    assert.equal(await reasonOf(() => key.open(h, unb64(flip(body, bit)))), "bad_tag");
  }
  assert.equal(await reasonOf(() => key.open(h, unb64(body).slice(1))), "bad_encoding");
});

test("every field of a header is bound", async () => {
  const w = await newWorld();
  const { seeker } = await roomWithBen(w);
  const key = seeker.key(0);
  const h = { sender: SEEKER, id: "m1", n: 7, after: 5 };
  const body = await key.seal(h, encodeContent({ text: "Hallo" }));
  for (let bit = 0; bit < 32; bit++) {
    assert.equal(await reasonOf(() => key.open({ ...h, n: (h.n ^ (1 << bit)) >>> 0 }, body)), "bad_tag");
    assert.equal(await reasonOf(() => key.open({ ...h, after: (h.after ^ (1 << bit)) >>> 0 }, body)), "bad_tag");
  }
  for (const changed of [{ ...h, sender: w.ben.kid }, { ...h, sender: "Seeker" }, { ...h, id: "m2" }, { ...h, id: "m1 " }]) {
    assert.equal(await reasonOf(() => key.open(changed, body)), "bad_tag");
  }
  for (const other of [new RoomKey(key.room, 1, key.secret), new RoomKey(b64(new Uint8Array(16)), 0, key.secret)]) {
    assert.equal(await reasonOf(() => other.open(h, body)), "bad_tag");
  }
  for (const bad of [{ ...h, n: 0 }, { ...h, n: 1.5 }, { ...h, after: -1 }, { ...h, id: "" }, { ...h, sender: "x".repeat(65) }]) {
    assert.equal(await reasonOf(() => key.open(bad, body)), "bad_encoding");
  }
});

test("dropped, reordered and replayed messages are shown", async () => {
  const w = await newWorld();
  const { seeker, ben } = await roomWithBen(w);
  const log = new Log();
  for (const text of ["a1", "a2", "a3"]) await log.say(seeker, SEEKER, text);
  await log.say(ben, w.ben.kid, "b1");
  const [a1, a2, a3, b1] = log.all as [Message, Message, Message, Message];
  assert.deepEqual(await read(ben, a1, a3, b1), ["a1", "missing  1", "a3", "b1"]);
  assert.deepEqual(await read(ben, a1, { ...b1, seq: 2 }), ["a1", "altered wrong_position"]);
  assert.deepEqual(await read(ben, a2, a1, a3), ["missing  1", "a2", "altered replayed", "a3"]);
  assert.deepEqual(await read(ben, a1, { ...a1, seq: 2 }), ["a1", "altered replayed"]);
  assert.deepEqual(await read(ben, a1, { ...a1, seq: 2, n: 2 }), ["a1", "altered replayed"]);
  assert.deepEqual(await read(ben, a1, { ...a1, seq: 2, n: 2, id: "x", after: 1 }), ["a1", "altered bad_tag"]);
  assert.deepEqual(await read(ben, a1, { ...a2, sender: w.ben.kid }), ["a1", "altered bad_tag"]);
  assert.deepEqual(await read(ben, a1, { ...a2, sender: w.cem.kid }), ["a1", "altered wrong_sender"]);
  assert.deepEqual(await read(ben, a1, { ...a2, epoch: 1 }), ["a1", "altered wrong_epoch"]);
  assert.deepEqual(await read(ben, a1, { ...a2, body: flip(a2.body, 99) }, a3), ["a1", "altered bad_tag", "a3"]);
  assert.deepEqual(await read(ben, a1, { ...a2, n: -1 }, a3), ["a1", "altered bad_encoding", "a3"]);
  assert.deepEqual(await read(ben, a1, { ...a2, body: "no base64!" }, a3), ["a1", "altered bad_encoding", "a3"]);
  assert.deepEqual(await read(ben, { ...a1, seq: 0 }, { ...a1, seq: 1.5 }), ["altered replayed", "altered replayed"]);
});

test("nothing opens in another room or epoch", async () => {
  const w = await newWorld();
  const { seeker, ben } = await roomWithBen(w);
  const other = await roomWithBen(w);
  const log = new Log();
  await log.say(seeker, SEEKER, "eins");
  const [m] = log.all as [Message];
  assert.deepEqual(await read(other.ben, m), ["altered bad_tag"]);
  assert.equal(await reasonOf(() => ben.accept(other.first)), "wrong_room");
  assert.equal(await reasonOf(() => ben.accept({ ...other.first, room: ben.id })), "epoch_changed");
  await ben.accept(await seeker.next({ chain: w.chain, readers: [w.ben.kid], at: AT }));
  assert.deepEqual(await read(ben, { ...m, epoch: 1 }), ["altered bad_tag"]);
  await log.say(seeker, SEEKER, "zwei");
  const late = { seq: 3, sender: SEEKER, id: "late", n: 3, after: 2, epoch: 0 };
  const body = b64(await seeker.key(0).seal(late, encodeContent({ text: "alt" })));
  assert.deepEqual(await read(ben, ...log.all, { ...late, body }), ["eins", "zwei", "altered wrong_epoch"]);
});

test("injected epochs and recipients are refused", async () => {
  const w = await newWorld();
  const { seeker, ben } = await roomWithBen(w);
  const spy = await freshKeys();
  const reader = (k: { kid: string; kemPub: string }) => ({ kid: k.kid, kind: "staff" as const, pub: k.kemPub });
  const me = { kid: w.seeker.kid, kind: "seeker" as const, pub: w.seeker.pub };
  const plan = { room: seeker.id, team: "team-1", teamState: w.chain.headHash, history: false };
  const forged = await newEpoch({ ...plan, readers: [me, reader(w.ben)], earlier: [new RoomKey(seeker.id, 0, new Uint8Array(32))] });
  assert.equal(await reasonOf(() => ben.accept(forged.epoch)), "bad_link");
  const { link: _, ...unlinked } = forged.epoch;
  assert.equal(await reasonOf(() => ben.accept(unlinked)), "bad_encoding");
  assert.equal(ben.epochs.length, 1);
  const spied = (await newEpoch({ ...plan, readers: [me, reader(w.ben), reader(spy)], earlier: [] })).epoch;
  const room = await openRoom(w.ben.reader, [spied]);
  assert.equal(await reasonOf(() => w.chain.checkCurrent(room.current, AT)), "unknown_recipient");
  const without = { ...spied, recipients: spied.recipients.filter((r) => r.kid !== spy.kid), wraps: spied.wraps.filter((x) => x.kid !== spy.kid) };
  assert.equal(await reasonOf(() => openRoom(w.ben.reader, [without])), "bad_tag");
  await assert.rejects(newRoom({ seeker: w.seeker, chain: w.chain, readers: [spy.kid], at: AT }), { code: "unknown_recipient" });
});

test("a room started anew by somebody else is refused", async () => {
  const w = await newWorld();
  const { seeker, ben, first } = await roomWithBen(w);
  const readers = [
    { kid: w.seeker.kid, kind: "seeker" as const, pub: w.seeker.pub },
    { kid: w.ben.kid, kind: "staff" as const, pub: w.ben.kemPub },
  ];
  const plan = { room: seeker.id, team: "team-1", teamState: w.chain.headHash, history: false, readers, earlier: [] };
  const forged = (await newEpoch(plan)).epoch;
  w.chain.checkCurrent(forged, AT); // its recipients are in order
  assert.equal(await reasonOf(() => openRoom(w.seeker, [forged])), "bad_own");
  assert.equal(await reasonOf(() => openRoom(w.seeker, [{ ...forged, own: first.own ?? "" }])), "bad_own");
  assert.equal(await reasonOf(() => ben.follow([forged])), "epoch_changed");
  const e1 = await seeker.next({ chain: w.chain, at: AT });
  for (let bit = 0; bit < 256; bit++) {
    assert.equal(await reasonOf(() => openRoom(w.seeker, [first, { ...e1, own: flip(e1.own ?? "", bit) }])), "bad_own");
  }
});

test("following the server's list gives up only what the server did not take", async () => {
  const w = await newWorld();
  const { seeker, ben, first } = await roomWithBen(w);
  const mine = await ben.next({ chain: w.chain, readers: [w.ben.kid], at: AT });
  const taken = await seeker.next({ chain: w.chain, at: AT });
  await ben.follow([first, taken]);
  assert.equal(ben.current.commit, taken.commit);
  assert.equal(await reasonOf(() => ben.follow([first, mine])), "epoch_changed");
  assert.equal(await reasonOf(() => ben.follow([first])), "wrong_epoch");
  assert.equal(await reasonOf(() => ben.follow([])), "wrong_epoch");
  await ben.follow([first, taken]);
});

test("padding says only the bucket", async () => {
  for (const n of [0, 1, 255, 256, 1023, 1024, MAX_PLAIN]) {
    const padded = pad(new Uint8Array(n).fill(1));
    assert.ok(validBody(padded.length + 28) && padded.length > n);
    assert.equal(unpad(padded).length, n);
  }
  assert.equal(await reasonOf(() => pad(new Uint8Array(MAX_PLAIN + 1))), "too_long");
  assert.equal(await reasonOf(() => unpad(new Uint8Array(256))), "bad_padding");
  const large = new Uint8Array(512);
  large[0] = 0x80;
  assert.equal(await reasonOf(() => unpad(large)), "bad_padding");
});
