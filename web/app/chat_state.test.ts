import assert from "node:assert/strict";
import { test } from "node:test";
import type { Availability } from "./chat_api";
import { card, heard, keptFor, range, type Phase, type Situation } from "./chat_state";
import { clear, load, save } from "./chat_store";
import de from "../locale/de/chat.json";

const plain: Situation = {
  phase: "ask", want: "live", again: false, crowded: false, noTeam: false, name: "", hasCode: false, purge: "", opens: "", reason: "",
};
const there = (state: Availability["state"]) =>
  ({ state, position: 3, wait_s: { low: 61, high: 299 }, opens_at: null });

const phases: Phase[] = ["looking", "ask", "opening", "waiting", "active", "deferred", "closed", "gone", "deleted", "elsewhere", "broken"];

/** Every situation the page can be in, as far as the card can tell them apart. */
function* situations(): Generator<Situation> {
  for (const phase of phases) for (const want of ["live", "message"] as const) for (const flag of [true, false]) {
    for (const state of ["free", "queue", "full", "closed", "unknown"] as const) {
      yield {
        ...plain, phase, want, again: flag, crowded: flag, hasCode: flag, name: flag ? "Mira" : "", availability: there(state),
        closedBy: flag ? "counsellor" : undefined, purge: flag ? "12:00" : "", opens: flag ? "14:00" : "",
        queue: flag ? { position: 1, low_s: 0, high_s: 60 } : undefined,
        receipt: flag ? { id: "r", at: "", digest: "d" } : undefined,
      };
    }
  }
}

test("every situation has words for everything it says and offers", () => {
  const known = (key: string) => key in de || key + ".other" in de;
  for (const s of situations()) {
    const c = card(s);
    for (const say of [c.heading, c.wait, c.text, c.detail]) if (say) assert.ok(known(say[0]), say[0]);
    for (const action of c.actions) assert.ok(known("chat.app.act." + action), action);
  }
});

test("no situation is a dead end", () => {
  for (const s of situations()) {
    const writes = ["ask", "waiting", "active", "deferred"].includes(s.phase);
    const passes = ["looking", "opening"].includes(s.phase);
    assert.ok(writes || passes || card(s).actions.length > 0, s.phase);
  }
});

test("a question that no team answers leads elsewhere before anybody writes", () => {
  assert.deepEqual(card({ ...plain, noTeam: true, availability: there("closed") }).actions, ["other"]);
});

test("nobody there is said plainly, with the next opening", () => {
  const c = card({ ...plain, availability: there("closed"), opens: "Mo 14:00" });
  assert.deepEqual([c.light, c.heading[0], c.wait], ["away", "chat.app.closed_now", ["chat.app.opens", { when: "Mo 14:00" }]]);
});

test("who waits when everybody has left gets no place and no estimate, but the next opening", () => {
  const first: Situation = { ...plain, phase: "waiting", availability: there("queue"), queue: { position: 1, low_s: 900, high_s: 2700 } };
  assert.equal(card(first).wait![0], "chat.app.waiting_next");
  const left: Situation = { ...first, ...heard(first, there("closed"), "Mo 14:00"), queue: { position: 0, low_s: 0, high_s: 0 } };
  const c = card(left);
  assert.deepEqual([c.light, c.heading, c.wait], ["away", ["chat.app.waiting_closed"], ["chat.app.opens", { when: "Mo 14:00" }]]);
  assert.ok(!JSON.stringify(c).includes("chat.app.wait\""), "no estimate");
  assert.deepEqual(c.actions, ["message", "leave"]);
  assert.deepEqual(card({ ...left, again: true }).heading, ["chat.app.waiting_closed"], "nobody takes over either");
});

test("who is being offered is not told that nobody is there", () => {
  const s: Situation = { ...plain, phase: "waiting", again: true, queue: { position: 0, low_s: 0, high_s: 0 } };
  assert.deepEqual(card(s).heading, ["chat.app.waiting_closed"]);
  const c = card({ ...s, offered: true });
  assert.deepEqual([c.heading, c.wait, c.text], [["chat.app.again"], undefined, undefined]);
});

test("only the own team says whether somebody is there: a page loaded anew asks without its postcode", () => {
  const s: Situation = { ...plain, phase: "waiting", queue: { position: 2, low_s: 60, high_s: 120 } };
  const asked = { ...s, ...heard(s, there("closed"), "") };
  assert.deepEqual(card(asked).wait, ["chat.app.place", { n: 2 }]);
});

test("a page that cannot find out says nothing new to somebody who waits", () => {
  const s: Situation = { ...plain, phase: "waiting", availability: there("closed"), opens: "Mo 14:00" };
  assert.deepEqual(heard(s, there("unknown"), ""), {});
});

test("a message without a code presses for one, and chat is offered when somebody comes", () => {
  assert.deepEqual(card({ ...plain, phase: "deferred", availability: there("closed") }).actions, ["code"]);
  assert.deepEqual(card({ ...plain, phase: "deferred", crowded: true }).text, ["chat.app.crowded_text"]);
  assert.deepEqual(card({ ...plain, phase: "deferred", hasCode: true, availability: there("free") }).actions, ["requeue"]);
});

test("an estimate is a range that is never narrower than it is", () => {
  assert.deepEqual(range({ low: 61, high: 299 }), ["chat.app.wait", { low: 1, n: 5 }]);
  assert.deepEqual(range({ low: 59, high: 60 }), ["chat.app.wait_up_to", { n: 1 }]);
  assert.deepEqual(range({ low: 0, high: 0 }), ["chat.app.wait_up_to", { n: 1 }]);
});

/** A Storage in memory. */
class Box implements Storage {
  private kept = new Map<string, string>();
  get length() { return this.kept.size; }
  key(i: number) { return [...this.kept.keys()][i] ?? null; }
  getItem(k: string) { return this.kept.get(k) ?? null; }
  setItem(k: string, v: string) { this.kept.set(k, v); }
  removeItem(k: string) { this.kept.delete(k); }
  clear() { this.kept.clear(); }
}

test("the store keeps token, seed and pins, and forgets on request", () => {
  const box = new Box();
  assert.equal(load(box), undefined);
  save({ token: "t", seed: "s", pins: { a: "h" } }, box);
  assert.deepEqual(load(box), { token: "t", seed: "s", next: undefined, pins: { a: "h" } });
  clear(box);
  assert.equal(box.length, 0);
});

test("what is no seat is none", () => {
  for (const junk of ["", "null", "7", "{}", '{"token":1,"seed":"s"}', "{"]) {
    const box = new Box();
    box.setItem("lotse.chat", junk);
    assert.equal(load(box), undefined, junk);
  }
});

test("a browser that forbids storage breaks nothing", () => {
  const shut = new Proxy({} as Storage, { get() { throw new Error("SecurityError"); } });
  save({ token: "t", seed: "s", pins: {} }, shut);
  clear(shut);
  assert.equal(load(shut), undefined);
});

test("how long a conversation is kept is said in hours, or in days when they are whole", () => {
  const n = (seconds: number) => keptFor(seconds);
  assert.deepEqual(n(86_400), ["chat.app.keep_hours", { n: 24 }]);
  assert.deepEqual(n(90 * 60), ["chat.app.keep_hours", { n: 2 }]);
  assert.deepEqual(n(90 * 86_400), ["chat.app.keep_days", { n: 90 }]);
  assert.equal(keptFor(undefined), undefined);
});
