import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { change, counsellor, FakeServer, team } from "./chat_fake";
import { begin, prepare } from "./chat_open";
import { Seat, type Line } from "./chat_seat";
import { Untrusted } from "./chat_trust";
import { Talk, type Told } from "./chat_talk";
import { newRoom, openRoom, seekerKey, newSeed, verify, type StaffKeys } from "./seal/index";
import { settle, World } from "./wire_fake";

const realFetch = globalThis.fetch;
afterEach(() => { globalThis.fetch = realFetch; });

const question = { topic: "schulden", language: "de", postcode: "50667", centre: "" };

/** Waits for what takes real work (WebCrypto), with an end. */
async function until(what: string, holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !holds();) {
    assert.ok(Date.now() < end, "still waiting until " + what);
    await settle();
  }
}

interface Heard { lines: Line[]; refused: string[]; untrusted: string[]; consent: string[]; states: string[] }

function listener(): { told: Told; heard: Heard } {
  const heard: Heard = { lines: [], refused: [], untrusted: [], consent: [], states: [] };
  const told: Told = {
    line: () => {}, queue: () => {}, typing: () => {}, readers: () => {},
    state: (s) => heard.states.push(s.state), entry: (e) => heard.lines.push(e),
    consent: (id) => heard.consent.push(id), refused: (code) => heard.refused.push(code),
    untrusted: (code) => heard.untrusted.push(code),
  };
  return { told, heard };
}

/** A team of two with a server, Ada signs. */
async function scene() {
  const server = new FakeServer();
  const [ada, ben] = [await counsellor(), await counsellor()];
  server.teams.set("a", await team("a", [["Ada", ada], ["Ben", ben]]));
  server.team = "a";
  globalThis.fetch = server.fetch as typeof fetch;
  return { server, ada, ben };
}

async function opened(server: FakeServer) {
  const { seat, id } = await begin(await prepare(question, "live", "keep", {}));
  return { seat, ...started(server, seat, id) };
}

function started(server: FakeServer, seat: Seat, id: string) {
  const world = new World();
  world.dialled = server.serve;
  const { told, heard } = listener();
  const talk = new Talk(seat, id, told, { env: world, url: "ws://test" });
  talk.start();
  return { world, talk, heard };
}

const texts = (lines: Line[]) => lines.map((l) => l.content?.text ?? l.kind);

test("the first words reach the team and nobody else", async () => {
  const { server, ada, ben } = await scene();
  const { talk, heard, seat } = await opened(server);
  await talk.send("m1", { kind: "name", text: "Mia" });
  await talk.send("m2", { text: "Ich habe MARKER Schulden" });
  await until("both lines are there", () => heard.lines.length === 2);
  assert.deepEqual(await server.read(ada), ['{"kind":"name","text":"Mia"}', '{"text":"Ich habe MARKER Schulden"}']);
  assert.equal((await server.read(ben)).length, 2);
  await assert.rejects(async () => assert.deepEqual(await server.read(await counsellor()), []));
  assert.ok(!server.seen.join().includes("MARKER") && !server.seen.join().includes("Mia"), "no plain text leaves");
  assert.ok(!server.seen.join().includes(seat.stored.seed), "the seed stays");
  assert.deepEqual(seat.readers.map((r) => r.name).sort(), ["Ada", "Ben"]);
  talk.stop();
});

test("answers are shown with the signed name, once and in order, across a cut", async () => {
  const { server, ada } = await scene();
  const { talk, heard, world } = await opened(server);
  await talk.send("m1", { text: "eins" });
  await server.write(ada, { text: "zwei" });
  server.cut();
  await server.write(ada, { text: "drei" });
  const fourth = talk.send("m2", { text: "vier" });
  await world.pass(2_000);
  await fourth;
  await until("all lines are there", () => heard.lines.length === 4);
  assert.deepEqual(texts(heard.lines), ["eins", "zwei", "drei", "vier"]);
  assert.deepEqual(heard.lines.map((l) => l.name), ["", "Ada", "Ada", ""]);
  talk.stop();
});

test("words that arrive are told as delivered at once, as read only when somebody looks", async () => {
  const { server, ada } = await scene();
  const { talk, heard, world } = await opened(server);
  await talk.send("m1", { text: "eins" });
  await server.write(ada, { text: "zwei" });
  await until("both lines are there", () => heard.lines.length === 2);
  await settle();
  assert.deepEqual(world.last.of("read").at(-1), { t: "read", c: "c1", seq: 0, delivered: 2 });
  talk.read();
  assert.deepEqual(world.last.of("read").at(-1), { t: "read", c: "c1", seq: 2, delivered: 2 });
  const told = world.last.of("read").length;
  talk.read();
  server.push(server.messages[1]!);
  await settle();
  assert.equal(world.last.of("read").length, told, "nothing is told twice");
  talk.stop();
});

test("altered and missing messages are shown, never dropped", async () => {
  const { server, ada } = await scene();
  const { talk, heard } = await opened(server);
  await talk.send("m1", { text: "eins" });
  await until("the own line is there", () => heard.lines.length === 1);
  await server.write(ada, { text: "zwei" }, (m) => ({ ...m, body: m.body.slice(0, -2) + (m.body.endsWith("AA") ? "BB" : "AA") }));
  await server.write(ada, { text: "drei" }, (m) => ({ ...m, sender: "seeker" }));
  await until("three lines are there", () => heard.lines.length >= 3);
  assert.deepEqual(texts(heard.lines), ["eins", "altered", "altered"]);
  talk.stop();
});

test("new readers get a new epoch with the history, leavers do not", async () => {
  const { server, ada, ben } = await scene();
  const { talk, heard, seat } = await opened(server);
  await talk.send("m1", { text: "alt" });
  const cem = await counsellor();
  await change(server.teams.get("a")!, [["Ada", ada], ["Cem", cem]]);
  server.roster("a");
  await until("the epoch is there", () => server.epochs.length === 2);
  await talk.send("m2", { text: "neu" });
  assert.deepEqual(await server.read(cem), ['{"text":"alt"}', '{"text":"neu"}']);
  assert.deepEqual(await server.read(ben), ['{"text":"alt"}', "locked"]);
  assert.deepEqual(seat.readers.map((r) => r.name).sort(), ["Ada", "Cem"]);
  assert.deepEqual(heard.untrusted, []);
  server.roster("a");
  server.roster("a");
  await talk.send("m3", { text: "mehr" });
  assert.equal(server.epochs.length, 2, "the same readers need no further epoch");
  talk.stop();
});

test("a stale epoch is noticed, sealed again and sent", async () => {
  const { server, ada } = await scene();
  const { talk, seat, heard } = await opened(server);
  await talk.send("m1", { text: "eins" });
  const other = await Seat.restore({ ...seat.stored, pins: {} });
  await change(server.teams.get("a")!, [["Ada", ada]]);
  await other.seat.follow("a");
  await talk.send("m2", { text: "zwei" });
  assert.equal(server.messages[1]!.epoch, 1);
  assert.deepEqual(await server.read(ada), ['{"text":"eins"}', '{"text":"zwei"}']);
  await until("both lines are there", () => heard.lines.length === 2);
  talk.stop();
});

test("another team needs the seeker's word first", async () => {
  const { server } = await scene();
  const eve = await counsellor();
  server.teams.set("b", await team("b", [["Eve", eve]]));
  const { talk, heard } = await opened(server);
  await talk.send("m1", { text: "nur für a" });
  server.roster("b");
  await until("the page is asked", () => heard.consent.length === 1);
  assert.equal(server.epochs.length, 1);
  talk.transfer(true, "b", "Team b");
  await until("the epoch is there", () => server.epochs.length === 2);
  assert.deepEqual(await server.read(eve), ['{"text":"nur für a"}']);
  talk.stop();
});

/** Each is a way in which a server may try to read along. */
const attacks: [string, (server: FakeServer, ada: StaffKeys, mallory: StaffKeys) => Promise<void>][] = [
  ["a team state that nobody signed", async (s, _, mallory) => {
    const t = s.teams.get("a")!;
    const chain = await verify("a", t.chain);
    const forged = await mallory.sign({ ...chain.head, n: 1, prev: chain.headHash, by: "", members: [...chain.head.members, mallory.member("Ada", { reads: true, signs: true })].sort((x, y) => x.kid < y.kid ? -1 : 1) });
    t.chain = [...t.chain, forged];
    t.readers = [...t.readers, mallory.kid];
  }],
  ["a reader who is no member", async (s, _, mallory) => { s.teams.get("a")!.readers.push(mallory.kid); }],
  ["another genesis", async (s, _, mallory) => { s.teams.set("a", await team("a", [["Ada", mallory]])); }],
];

for (const [name, attack] of attacks) {
  test("stops before the first word: " + name, async () => {
    const { server, ada } = await scene();
    const pins = { a: (await verify("a", server.teams.get("a")!.chain)).headHash };
    await attack(server, ada, await counsellor());
    await assert.rejects(prepare(question, "live", "keep", pins), Untrusted);
    assert.equal(server.epochs.length, 0);
  });

  test("stops in the middle: " + name, async () => {
    const { server, ada } = await scene();
    const { talk, heard } = await opened(server);
    await talk.send("m1", { text: "eins" });
    await attack(server, ada, await counsellor());
    server.roster("a");
    await until("the page has stopped", () => heard.untrusted.length === 1);
    void talk.send("m2", { text: "zwei" }).catch(() => undefined);
    await settle();
    assert.equal(server.epochs.length, 1);
    assert.equal(server.messages.length, 1);
  });
}

test("a chain that went back is refused", async () => {
  const { server, ada } = await scene();
  const t = server.teams.get("a")!;
  const old = t.chain;
  await change(t, [["Ada", ada]]);
  const { talk, heard } = await opened(server);
  await talk.send("m1", { text: "eins" });
  t.chain = old;
  t.readers = old[0]!.members.map((m) => m.kid);
  server.roster("a");
  await until("the page has stopped", () => heard.untrusted.length === 1);
  assert.deepEqual(heard.untrusted, ["rollback"]);
});

test("an epoch that the server made itself is refused", async () => {
  const { server } = await scene();
  const { talk, heard } = await opened(server);
  await talk.send("m1", { text: "eins" });
  const chain = await verify("a", server.teams.get("a")!.chain);
  const { epoch } = await newRoom({ seeker: await seekerKey(newSeed()), chain, at: new Date() });
  server.epochs.push({ ...epoch, room: server.epochs[0]!.room, epoch: 1, link: "A".repeat(43) });
  server.tell({ epoch: 1 });
  await until("the page has stopped", () => heard.untrusted.length === 1);
});

test("an epoch of a team the seeker never agreed to is refused, whoever made it", async () => {
  const { server, ada } = await scene();
  server.teams.set("b", await team("b", [["Eve", await counsellor()]]));
  const { talk, heard } = await opened(server);
  await talk.send("m1", { text: "nur für a" });
  const room = await openRoom(ada.reader, server.epochs);
  const chain = await verify("b", server.teams.get("b")!.chain);
  server.epochs.push(await room.next({ chain, history: true, at: new Date() }));
  server.tell({ epoch: 1 });
  await until("the page has stopped", () => heard.untrusted.length === 1);
  assert.deepEqual(heard.untrusted, ["wrong_team"]);
});

test("a reload brings everything back", async () => {
  const { server, ada } = await scene();
  const { talk, seat } = await opened(server);
  await talk.send("m1", { text: "eins" });
  await server.write(ada, { text: "zwei" });
  talk.stop();
  const again = await Seat.restore(JSON.parse(JSON.stringify(seat.stored)));
  assert.deepEqual(texts(again.lines), ["eins", "zwei"]);
  const next = started(server, again.seat, again.state.c);
  await next.talk.send("m2", { text: "drei" });
  await until("the line is there", () => next.heard.lines.length === 1);
  assert.deepEqual(texts(next.heard.lines), ["drei"]);
  assert.equal(server.messages.at(-1)!.n, 2);
  next.talk.stop();
});

test("a return code opens the conversation elsewhere, and the talk goes on", async () => {
  const { server, ada, ben } = await scene();
  const { talk, seat } = await opened(server);
  await talk.send("m1", { text: "eins" });
  const code = await seat.returnCode();
  assert.ok(!server.seen.join().includes(code.text.replaceAll("-", "").slice(0, 26)), "the code stays");
  assert.equal(server.auth, await code.returnAuth());
  await talk.send("m2", { text: "zwei" });
  await server.write(ben, { text: "drei" });
  talk.stop();
  const { b64 } = await import("./seal/index");
  const away = await Seat.restore({ token: "again", seed: b64(await code.returnSeed()), pins: {} });
  assert.deepEqual(texts(away.lines), ["eins", "zwei", "drei"]);
  assert.equal(away.hasReturn, true);
  await change(server.teams.get("a")!, [["Ada", ada]]);
  await away.seat.follow("a");
  const next = started(server, away.seat, "c1");
  await next.talk.send("m3", { text: "vier" });
  assert.equal((await server.read(ada)).at(-1), '{"text":"vier"}');
  next.talk.stop();
});

test("a return code whose proof did not arrive leaves the conversation open", async () => {
  const { server } = await scene();
  const { talk, seat } = await opened(server);
  await talk.send("m1", { text: "eins" });
  server.instead.set("POST /api/v1/conversation/return", [503, { code: "unavailable" }]);
  await assert.rejects(seat.returnCode());
  const again = await Seat.restore(JSON.parse(JSON.stringify(seat.stored)));
  assert.deepEqual(texts(again.lines), ["eins"]);
  await talk.send("m2", { text: "zwei" });
  talk.stop();
});

test("an epoch for a return code that the server refused changes nothing", async () => {
  const { server } = await scene();
  const { talk, seat } = await opened(server);
  await talk.send("m1", { text: "eins" });
  server.instead.set("POST /api/v1/conversation/epochs", [503, { code: "unavailable" }]);
  await assert.rejects(seat.returnCode());
  server.instead.clear();
  await talk.send("m2", { text: "zwei" });
  const again = await Seat.restore(JSON.parse(JSON.stringify(seat.stored)));
  assert.deepEqual(texts(again.lines), ["eins", "zwei"]);
  talk.stop();
});

test("changed recipients are asked for again when opening", async () => {
  const { server, ada } = await scene();
  const attempt = await prepare(question, "live", "keep", {});
  server.instead.set("POST /api/v1/conversations", [409, { code: "recipients_changed" }]);
  await change(server.teams.get("a")!, [["Ada", ada]]);
  const opening = begin(attempt);
  await until("it was refused once", () => server.seen.filter((s) => s.includes("on_gone")).length === 1);
  server.instead.clear();
  const { seat } = await opening;
  assert.deepEqual(seat.readers.map((r) => r.name), ["Ada"]);
});
