import assert from "node:assert/strict";
import { test } from "node:test";
import { newRoom, newSeed, newStaffKeys, newState, openRoom, seekerKey, Transcript, encodeContent, verify, type Epoch, type SignedState, type StaffKeys } from "./seal/index";
import { SealedRoom, type Detail, type Trust } from "./team_room";
import type { MessageFrame } from "./wire";

const KEK = { kind: "password" as const, key: new Uint8Array(32) };

/** A team of two, a seeker, and one conversation with two messages. */
async function world() {
  const { keys: ada } = await newStaffKeys([KEK]);
  const { keys: ben } = await newStaffKeys([KEK]);
  const genesis = await ada.sign(newState("t", undefined, [ada.member("Ada", { reads: true, signs: true })]));
  const first = await verify("t", [genesis]);
  const second = await ada.sign(newState("t", first, [...first.head.members, ben.member("Ben", { reads: true, signs: false })]));
  const states: SignedState[] = [genesis, second];
  const seeker = await seekerKey(newSeed());
  const { room, epoch } = await newRoom({ seeker, chain: await verify("t", states), at: new Date() });
  const transcript = new Transcript(room);
  const messages: MessageFrame[] = [];
  for (const text of ["Hallo", "Ist da jemand?"]) {
    const header = { sender: "seeker", id: "m" + messages.length, n: transcript.next("seeker"), after: transcript.seq };
    const sealed = await room.seal(header, encodeContent({ text }));
    const m = { t: "message" as const, c: "c", seq: messages.length + 1, at: "", ...header, epoch: sealed.epoch, body: sealed.body };
    messages.push(m);
    await transcript.add(m);
  }
  return { ada, ben, states, seeker, epoch, messages };
}

const detail = (states: SignedState[], epochs: Epoch[]): Detail =>
  ({ conversation: { c: "c" } as Detail["conversation"], room: epochs[0]!.room, epochs, chains: { t: states } });

/** desk opens details as one browser does: it remembers the newest state it has seen. Pins live in its database; here a map stands for it. */
function desk(keys: StaffKeys) {
  const pins = new Map<string, string>();
  const trust: Trust = async (team, states) => {
    const chain = await verify(team, states, pins.get(team) ?? "");
    pins.set(team, chain.headHash);
    return chain;
  };
  return (d: Detail) => SealedRoom.open(keys, d, undefined, trust);
}

test("a counsellor reads, answers, and the seeker can read the answer", async () => {
  const { ada, states, seeker, epoch, messages } = await world();
  const room = await desk(ada)(detail(states, [epoch]));
  const texts: string[] = [];
  for (const m of messages) for (const item of await room.add(m)) texts.push(item.kind === "message" ? new TextDecoder().decode(item.plain) : item.kind);
  assert.deepEqual(texts, ['{"text":"Hallo"}', '{"text":"Ist da jemand?"}']);
  const sealed = await room.seal("a1", "Ja.");
  assert.equal(sealed.n, 1);
  assert.equal(sealed.after, 2);
  const theirs = new Transcript(await openRoom(seeker, [epoch]));
  for (const m of messages) await theirs.add(m);
  const [item] = await theirs.add({ seq: 3, id: "a1", ...sealed });
  assert.equal(item?.kind, "message");
  assert.deepEqual((await room.readers()).map((r) => r.kind + ":" + r.name).sort(), ["seeker:", "staff:Ada", "staff:Ben"]);
  assert.deepEqual(room.epochs(), [{ n: 0, readers: 3, readable: true }]);
});

test("a missing and an altered message are told, never passed over", async () => {
  const { ada, states, epoch, messages } = await world();
  const lost = await desk(ada)(detail(states, [epoch]));
  assert.deepEqual((await lost.add(messages[1]!)).map((item) => item.kind), ["missing", "message"]);
  const changed = await desk(ada)(detail(states, [epoch]));
  const body = messages[0]!.body;
  const flipped = { ...messages[0]!, body: (body.startsWith("A") ? "B" : "A") + body.slice(1) };
  assert.deepEqual((await changed.add(flipped)).map((item) => item.kind), ["altered"]);
});

test("a team list that goes back, a foreign team and a recipient nobody signed are refused", async () => {
  const { ada, states, epoch } = await world();
  const open = desk(ada);
  await open(detail(states, [epoch]));
  const codes: string[] = [];
  for (const bad of [
    detail(states.slice(0, 1), [epoch]),
    { ...detail(states, [epoch]), chains: {} },
    detail(states, [{ ...epoch, recipients: epoch.recipients.map((r, i) => (i === 1 ? { ...r, kid: "AAAAAAAAAAAAAAAAAAAAAA" } : r)) }]),
  ]) {
    await open(bad).catch((thrown: { code?: string }) => codes.push(thrown.code ?? String(thrown)));
  }
  assert.deepEqual(codes.slice(0, 2), ["rollback", "unknown_state"]);
  assert.equal(codes.length, 3);
});

test("when a colleague has left, nothing is sealed before a new epoch; then they are out", async () => {
  const { ada, ben, states, epoch } = await world();
  const chain = await verify("t", states);
  const third = await ada.sign(newState("t", chain, chain.head.members.filter((m) => m.kid !== ben.kid)));
  const room = await desk(ada)(detail([...states, third], [epoch]));
  assert.ok(room.stale());
  await assert.rejects(room.seal("a1", "Nein"));
  const next = await room.renew("team");
  assert.ok(!next.recipients.some((r) => r.kid === ben.kid));
  assert.equal(next.epoch, 1);
});
