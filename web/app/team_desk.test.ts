import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { counsellor } from "./chat_fake";
import { Desk, type DeskEvents } from "./team_desk";
import { settle, World } from "./wire_fake";

const realFetch = globalThis.fetch;
beforeEach(() => {
  Object.assign(globalThis, { document: { getElementById: () => null, documentElement: { lang: "de" } } });
});
afterEach(() => {
  globalThis.fetch = realFetch;
  mock.timers.reset();
});

const PATH = "/api/v1/staff/";

/** A desk with one conversation in the hands of its counsellor; answers are the server's, by path. */
async function scene() {
  const keys = await counsellor();
  const talk = {
    t: "state", c: "c1", rev: 1, state: "active", kind: "live", team: "a", topic: "", language: "de", epoch: 0, seq: 0, since: "",
    counsellor: { name: "Ada", kid: keys.kid },
  };
  const snapshot = {
    me: { id: "ada", name: "Ada", kid: keys.kid }, status: { state: "ready", limit: 1 }, duties: [], queue: [], offers: [],
    teams: [{ id: "a", name: "Team a", formal: true, policy: "team", colleagues: [] as { id: string; name: string; kid: string }[] }],
    conversations: [talk],
  };
  const answers = new Map<string, [number, unknown]>([["desk", [200, snapshot]], ["ticket", [200, { ticket: "t" }]]]);
  globalThis.fetch = (async (path: string) => {
    const [status, body] = answers.get(path.slice(PATH.length)) ?? [503, { code: "unavailable" }];
    return new Response(JSON.stringify(body), { status });
  }) as typeof fetch;
  const left: string[] = [];
  const events = new Proxy({ left: (t: { id: string }) => left.push(t.id) } as unknown as DeskEvents, {
    get: (known, name) => Reflect.get(known, name) ?? (() => undefined),
  });
  const world = new World();
  const desk = new Desk(keys, [], events, { env: world, url: "ws://test" });
  await desk.start();
  await connect(world, [talk]);
  return { desk, world, talk, snapshot, answers, left };
}

/** Opens the newest socket; the server tells these conversations. */
async function connect(world: World, conversations: object[]) {
  await settle();
  world.last.onopen?.();
  world.last.say({ t: "welcome", seat: "staff", now: new Date().toISOString(), heartbeat_s: 25, conversations });
  await settle();
}

test("the seeker's writing is shown for six seconds, and never when the conversation waits", async () => {
  const { desk, world, talk } = await scene();
  mock.timers.enable({ apis: ["setTimeout"] });
  const types = () => world.last.say({ t: "typing", c: "c1", who: "seeker", on: true });
  const shown = () => desk.talks.get("c1")!.typing;
  types();
  assert.ok(shown());
  mock.timers.tick(6_000);
  assert.ok(!shown());
  types();
  world.last.say({ ...talk, rev: 2, state: "closed" });
  assert.ok(!shown());
});

test("a mark that a reloaded page tells anew takes nothing back", async () => {
  const { desk, world } = await scene();
  world.last.say({ t: "read", c: "c1", who: "seeker", delivered: 3, read: 3 });
  world.last.say({ t: "read", c: "c1", who: "seeker", delivered: 4, read: 0 });
  assert.deepEqual(desk.talks.get("c1")!.marks, { delivered: 4, read: 3 });
});

/** Cuts the line; the server that comes back knows of no conversation of this person. */
async function away(world: World) {
  world.last.onclose?.({ code: 1006 });
  await world.pass(2_000);
  await connect(world, []);
}

for (const status of [500, 503]) {
  test(`a server that answers ${status} takes no conversation off the desk; it is asked again`, async () => {
    const { desk, world, answers, left } = await scene();
    answers.set("conversations/c1", [status, { code: "unavailable" }]);
    await away(world);
    assert.deepEqual([[...desk.talks.keys()], left], [["c1"], []]);
    answers.set("conversations/c1", [404, { code: "not_found" }]);
    await world.pass(5_000);
    assert.deepEqual([[...desk.talks.keys()], left], [[], ["c1"]]);
  });
}

test("without a network nothing is lost, and the next welcome asks", async () => {
  const { desk, world, left, answers } = await scene();
  const online = globalThis.fetch;
  globalThis.fetch = async (path, init) => String(path).includes("conversations/") ? Promise.reject(new TypeError("offline")) : online(path, init);
  await away(world);
  assert.deepEqual([[...desk.talks.keys()], left], [["c1"], []]);
  globalThis.fetch = online;
  answers.set("conversations/c1", [403, { code: "forbidden" }]);
  await away(world);
  assert.deepEqual(left, ["c1"]);
});

test("who became ready since is known when a conversation is to be handed over", async () => {
  const { desk, snapshot, answers } = await scene();
  assert.deepEqual(desk.team("a")!.colleagues, []);
  snapshot.teams = [{ ...snapshot.teams[0]!, colleagues: [{ id: "ben", name: "Ben", kid: "k" }] }];
  await desk.renewTeams();
  assert.deepEqual(desk.team("a")!.colleagues.map((c) => c.name), ["Ben"]);
  answers.set("desk", [503, { code: "unavailable" }]);
  await desk.renewTeams();
  assert.deepEqual(desk.team("a")!.colleagues.map((c) => c.name), ["Ben"], "without an answer the last one holds");
});
