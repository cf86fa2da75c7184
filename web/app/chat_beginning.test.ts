import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { Beginning, type Told } from "./chat_beginning";
import { counsellor, FakeServer, team } from "./chat_fake";

const realFetch = globalThis.fetch;
afterEach(() => { globalThis.fetch = realFetch; });

test("after a try without an answer the same conversation is opened, with the choice as it is now", async () => {
  const server = new FakeServer();
  server.teams.set("a", await team("a", [["Ada", await counsellor()]]));
  server.team = "a";
  let answers = false;
  globalThis.fetch = (async (path: string, init?: RequestInit) => {
    const answer = await server.fetch(path, init);
    return answers || init?.method !== "POST" ? answer : Promise.reject(new TypeError("offline"));
  }) as typeof fetch;
  const heard: unknown[] = [];
  const beginning = new Beginning({
    opened: (_seat, id, became, draft, first) => heard.push([id, became, draft.gone, first]), refused: (code) => heard.push(code),
  } as Partial<Told> as Told);
  const question = { topic: "schulden", language: "de", postcode: "", centre: "" };
  await beginning.open(question, "live", { text: "Hallo", name: "", gone: "keep" });
  answers = true;
  await beginning.open(question, "live", { text: "Hallo", name: "", gone: "discard" });
  assert.deepEqual(heard, ["offline", ["c1", "live", "discard", "keep"]]);
  const bodies = server.seen.filter((s) => s.includes("on_gone")).map((s) => JSON.parse(s) as { token: string; on_gone: string });
  assert.deepEqual(bodies.map((b) => b.on_gone), ["keep", "discard"]);
  assert.equal(bodies[0]!.token, bodies[1]!.token);
});
