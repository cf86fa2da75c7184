import assert from "node:assert/strict";
import { test } from "node:test";
import { Wire, Refused, type Line, type MessageFrame, type Options, type Sealed } from "./wire";
import { settle, World, type Fake } from "./wire_fake";

const welcome = { t: "welcome", seat: "seeker", c: "c1", now: "", heartbeat_s: 25 };
const message = (seq: number, more: Partial<MessageFrame> = {}): MessageFrame =>
  ({ t: "message", c: "c1", seq, id: "m" + seq, sender: "kid", epoch: 0, n: seq, after: 0, body: "b" + seq, at: "", ...more });
const sealed = (n: number): Sealed => ({ sender: "seeker", epoch: 0, n, after: 0, body: "x" + n });

function rig(more: Partial<Options> = {}) {
  const world = new World();
  const got: number[] = [];
  const ids: string[] = [];
  const lines: Line[] = [];
  const frames: string[] = [];
  const wire = new Wire({
    credential: () => Promise.resolve({ token: "secret" }),
    line: (l) => lines.push(l),
    message: (m) => { got.push(m.seq); ids.push(m.id); },
    frame: (f) => frames.push(f.t),
    url: "ws://test/ws", env: world, ...more,
  });
  return { world, wire, got, ids, lines, frames };
}

/** Dials, opens and welcomes the newest socket. */
async function connect(world: World) {
  await settle();
  world.last.onopen?.();
  world.last.say(welcome);
  await settle();
  return world.last;
}

test("hello carries the credential and the positions, never in the address", async () => {
  const { world, wire } = rig();
  wire.track("c1", 7);
  wire.start();
  const socket = await connect(world);
  assert.deepEqual(socket.sent[0], { t: "hello", v: "lotse.chat.v1", token: "secret", last: { c1: 7 } });
});

test("hello sends nothing but the proof", async () => {
  const { world, wire } = rig({ credential: () => Promise.resolve({ ticket: "once", expires_in_s: 30 } as { ticket: string }) });
  wire.start();
  const socket = await connect(world);
  assert.deepEqual(socket.sent[0], { t: "hello", v: "lotse.chat.v1", ticket: "once", last: {} });
});

test("messages come once and in order, whatever the network does", async () => {
  const { world, wire, got } = rig();
  wire.start();
  const socket = await connect(world);
  socket.say(message(1));
  assert.deepEqual(got, [], "held until tracked");
  wire.track("c1", 0);
  for (const seq of [1, 3, 2, 2, 1, 5, 4, 4]) socket.say(message(seq));
  assert.deepEqual(got, [1, 2, 3, 4, 5]);
});

test("a hole that stays is fetched by resuming", async () => {
  const { world, wire, got } = rig();
  wire.track("c1", 0);
  wire.start();
  const first = await connect(world);
  first.say(message(1));
  first.say(message(3));
  await world.pass(1_999);
  assert.equal(world.sockets.length, 1);
  await world.pass(2_000);
  assert.ok(first.closed);
  const second = await connect(world);
  assert.deepEqual(second.sent[0]!.last, { c1: 1 });
  second.say(message(2));
  second.say(message(3));
  assert.deepEqual(got, [1, 2, 3]);
});

test("a message is sent until it is acknowledged, and the ack puts it in its place", async () => {
  const { world, wire, ids } = rig();
  wire.track("c1", 0);
  const ack = wire.send("c1", "own", () => Promise.resolve(sealed(1)));
  wire.start();
  const first = await connect(world);
  assert.equal(first.of("send").length, 1);
  first.onclose?.({ code: 1006 });
  await world.pass(1_000);
  const second = await connect(world);
  assert.deepEqual(second.of("send"), first.of("send"), "the same bytes again");
  second.say({ t: "ack", id: "own", c: "c1", seq: 2, at: "" });
  assert.deepEqual(ids, [], "waits for what came before it");
  second.say(message(1));
  second.say(message(2, { id: "own" }));
  assert.deepEqual(ids, ["m1", "own"]);
  assert.equal((await ack).seq, 2);
  assert.equal(wire.pending, 0);
});

test("a lost ack is found in the replay", async () => {
  const { world, wire, ids } = rig();
  wire.track("c1", 0);
  wire.start();
  const first = await connect(world);
  const ack = wire.send("c1", "own", () => Promise.resolve(sealed(1)));
  await settle();
  first.onclose?.({ code: 1006 });
  await world.pass(1_000);
  await settle();
  world.last.onopen?.();
  world.last.say(welcome);
  world.last.say(message(1, { id: "own" }));
  assert.equal((await ack).seq, 1);
  assert.deepEqual(ids, ["own"]);
});

test("one message per conversation is under way at a time", async () => {
  const { world, wire } = rig();
  wire.start();
  const socket = await connect(world);
  const all = [1, 2, 3].map((n) => wire.send("c1", "i" + n, () => Promise.resolve(sealed(n))));
  void wire.send("c2", "other", () => Promise.resolve(sealed(1)));
  await settle();
  assert.deepEqual(socket.of("send").map((f) => f.id), ["i1", "other"]);
  socket.say({ t: "error", code: "rate", id: "i1", retry_s: 3 });
  await world.pass(3_000);
  for (const n of [1, 2, 3]) {
    socket.say({ t: "ack", id: "i" + n, c: "c1", seq: n, at: "" });
    await settle();
  }
  assert.deepEqual((await Promise.all(all)).map((a) => a.seq), [1, 2, 3]);
  assert.deepEqual(socket.of("send").map((f) => f.id), ["i1", "other", "i1", "i2", "i3"]);
});

test("a message that cannot be sealed is refused and nothing is sent", async () => {
  const { world, wire } = rig();
  wire.start();
  const socket = await connect(world);
  await assert.rejects(wire.send("c1", "i1", () => Promise.reject(new Error("no key"))), /no key/);
  assert.equal(socket.of("send").length, 0);
  assert.equal(wire.pending, 0);
});

test("a refused message is sealed again after a repair, else given back", async () => {
  let epoch = 0;
  const { world, wire } = rig({
    repair: (_, code) => Promise.resolve(code === "epoch_old" && ++epoch === 1),
  });
  wire.start();
  const socket = await connect(world);
  const ack = wire.send("c1", "i1", () => Promise.resolve({ ...sealed(1), epoch }));
  await settle();
  socket.say({ t: "error", code: "epoch_old", id: "i1" });
  await settle();
  assert.deepEqual(socket.of("send").map((f) => f.epoch), [0, 1]);
  socket.say({ t: "error", code: "too_large", id: "i1" });
  await assert.rejects(ack, (e: unknown) => e instanceof Refused && e.code === "too_large");
});

test("the heartbeat is answered and silence ends the connection", async () => {
  const { world, wire } = rig();
  wire.start();
  const socket = await connect(world);
  await world.pass(25_000);
  socket.say("{}");
  assert.deepEqual(socket.sent.at(-1), {});
  await world.pass(34_999);
  assert.ok(!socket.closed);
  await world.pass(1);
  assert.ok(socket.closed);
  await world.pass(1_000);
  assert.equal(world.sockets.length, 2);
});

test("back-off is full jitter between half a second and twenty", async () => {
  const { world, wire, lines } = rig();
  world.dice = 0.999999;
  wire.start();
  for (let i = 0; i < 8; i++) {
    await settle();
    world.last.onclose?.({ code: 1006 });
    await world.pass(20_000);
  }
  const waits = lines.flatMap((l) => l.line === "offline" ? [Math.round(l.retry_ms)] : []);
  assert.deepEqual(waits.slice(0, 8), [1000, 2000, 4000, 8000, 16000, 20000, 20000, 20000]);
  world.dice = 0;
  await settle();
  world.last.onclose?.({ code: 1006 });
  assert.deepEqual(lines.at(-1), { line: "offline", retry_ms: 500 });
});

test("a draining server says when to come back", async () => {
  const { world, wire, lines, frames } = rig();
  wire.start();
  const socket = await connect(world);
  socket.say({ t: "bye", code: 4012, reconnect: true, retry_ms: 3210 });
  socket.onclose?.({ code: 4012 });
  assert.deepEqual(lines.at(-1), { line: "offline", retry_ms: 3210 });
  assert.deepEqual(frames, ["bye"]);
  await world.pass(3_210);
  assert.equal(world.sockets.length, 2);
});

test("final close codes end the line", async () => {
  for (const [code, reason] of [[4003, "forbidden"], [4009, "replaced"]] as const) {
    const { world, wire, lines } = rig();
    wire.start();
    const socket = await connect(world);
    socket.onclose?.({ code });
    assert.deepEqual(lines.at(-1), { line: "stopped", reason });
    await world.pass(60_000);
    assert.equal(world.sockets.length, 1);
    assert.ok(!world.watched, "listeners are gone");
  }
});

/** Ways in which a server refuses a seat. */
const refusals: [string, (s: Fake) => void][] = [
  ["with a bye", (s) => s.say({ t: "bye", code: 4001, reconnect: false })],
  ["by the close alone", (s) => s.onclose?.({ code: 4001 })],
];

for (const [how, refuse] of refusals) {
  test("a seat that is refused " + how + " is tried once more, with a fresh proof", async () => {
    let proofs = 0;
    const { world, wire, lines } = rig({ credential: () => Promise.resolve({ ticket: "t" + ++proofs }) });
    const waiting = wire.send("c1", "i", () => Promise.resolve(sealed(1)));
    wire.start();
    await settle();
    refuse(world.last);
    assert.equal(lines.at(-1)!.line, "offline");
    await world.pass(1_000);
    assert.deepEqual([world.sockets.length, proofs], [2, 2]);
    refuse(world.last);
    assert.deepEqual(lines.at(-1), { line: "stopped", reason: "auth" });
    await assert.rejects(waiting, Refused);
    await world.pass(60_000);
    assert.equal(world.sockets.length, 2);
  });
}

test("other final words of the server end the line at once", async () => {
  for (const [code, reason] of [[4003, "forbidden"], [4009, "replaced"], [4999, "bye"]] as const) {
    const { world, wire, lines } = rig();
    wire.start();
    const socket = await connect(world);
    socket.say({ t: "bye", code, reconnect: false });
    assert.deepEqual(lines.at(-1), { line: "stopped", reason });
    await world.pass(60_000);
    assert.equal(world.sockets.length, 1);
  }
});

test("losing and finding the network is noticed at once", async () => {
  const { world, wire, lines } = rig();
  wire.start();
  const socket = await connect(world);
  world.device("offline");
  assert.ok(socket.closed);
  assert.equal(lines.at(-1)!.line, "offline");
  world.device("online");
  await settle();
  assert.equal(world.sockets.length, 2);
  await connect(world);
  world.device("wake");
  assert.ok(!world.last.closed, "a live line stays");
});

test("frames that make no sense are ignored", async () => {
  const { world, wire, got, frames } = rig();
  wire.track("c1", 0);
  wire.start();
  const socket = await connect(world);
  for (const bad of ["", "nonsense", "null", "7", "[]x"]) socket.say(bad);
  socket.say(message(1));
  socket.say({ t: "typing", c: "c1", who: "kid", on: true });
  assert.deepEqual([got, frames], [[1], ["typing"]]);
});

test("commands go now, or after the next welcome when they are to be kept", async () => {
  const { world, wire } = rig();
  assert.equal(wire.tell({ t: "typing", c: "c1", on: true }), false);
  assert.equal(wire.tell({ t: "close", c: "c1" }, true), false);
  wire.start();
  const socket = await connect(world);
  assert.deepEqual(socket.sent.slice(1), [{ t: "close", c: "c1" }]);
  assert.equal(wire.tell({ t: "read", c: "c1", seq: 3 }), true);
});

test("random weather: everything arrives once, in order, on both sides", async () => {
  for (let seed = 1; seed <= 60; seed++) await storm(seed);
});

/** A server with a log, a network that loses, doubles and cuts, a client that writes. */
async function storm(seed: number) {
  let state = seed;
  const roll = (n: number) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
  const { world, wire, ids } = rig();
  const log: MessageFrame[] = [];
  wire.track("c1", 0);
  wire.start();
  const sent = [...Array(12).keys()].map((n) => wire.send("c1", "own" + n, () => Promise.resolve(sealed(n + 1))));
  const store = (m: Partial<MessageFrame> & { id: string }) => {
    const old = log.find((x) => x.id === m.id);
    if (old) return old;
    log.push(message(log.length + 1, m));
    return log.at(-1)!;
  };
  for (let step = 0; step < 4000 && (wire.pending > 0 || ids.length < log.length || log.length < 30); step++) {
    await serve(world, log, store, roll, step);
    if (log.length < 40 && roll(9) === 0) store({ id: "theirs" + step });
    await world.pass(roll(1500));
  }
  await Promise.all(sent);
  assert.deepEqual(ids, log.map((m) => m.id), "seed " + seed);
  assert.deepEqual(ids.filter((i) => i.startsWith("own")), sent.map((_, n) => "own" + n));
  wire.stop();
}

const served = new WeakMap<Fake, { read: number; pushed: number; up: boolean }>();

/** One step of the storm's server on the newest socket. */
async function serve(world: World, log: MessageFrame[], store: (m: { id: string }) => MessageFrame,
  roll: (n: number) => number, step: number) {
  const socket = world.last;
  if (!socket || socket.closed) return;
  const line = served.get(socket) ?? { read: 0, pushed: 0, up: false };
  served.set(socket, line);
  if (!line.up) {
    line.up = true;
    socket.onopen?.();
    line.pushed = (socket.sent[0]!.last as Record<string, number>).c1!;
    line.read = 1;
    socket.say(welcome);
    await settle();
  }
  while (line.read < socket.sent.length) {
    const frame = socket.sent[line.read++]!;
    if (frame.t !== "send") continue;
    const m = store({ id: frame.id as string });
    if (roll(4) > 0) socket.say({ t: "ack", id: m.id, c: "c1", seq: m.seq, at: "" });
  }
  while (line.pushed < log.length) {
    const m = log[line.pushed++]!;
    if (roll(12) > 0) socket.say(m);
    if (roll(6) === 0) socket.say(m);
  }
  if (roll(15) === 0) socket.onclose?.({ code: [1006, 4008, 4010, 4012][step % 4]! });
  else if (roll(4) === 0) socket.say("{}");
}
