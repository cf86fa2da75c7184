import assert from "node:assert/strict";
import { test } from "node:test";
import type { RuleSet } from "./rules";
import { Answered } from "./state";

const rules: RuleSet = {
  from: "2026-01-01", to: "2030-01-01", params: [], nodes: [], bundles: [], places: { districts: [], gaps: "", runs: "", levels: "" }, bodies: [],
  questions: [{ id: "household", facts: [] }, { id: "work", facts: ["training", "trained"] }, { id: "home", facts: ["rent"] }],
  facts: [
    { id: "training", of: "person", kind: "choice", options: ["none", "school"], only: { ">=": ["age", 6] }, else: "none" },
    { id: "trained", of: "person", kind: "bool", only: { not: { is: ["training", "none"] } }, else: false },
    { id: "rent", of: "household", kind: "number", unit: "EUR/month", max: 9000 },
  ],
  benefits: [{
    id: "one", name: [{ from: "0001-01-01", key: "benefit.one" }], topic: "t", unit: "EUR/month",
    conditions: [{ id: "trained", test: "trained", law: "§ 1", sure: "A" }], access: { office: "o", level: "federal", documents: [] },
  }],
};

function family(): Answered {
  const state = new Answered("2026-11-23", rules);
  state.setPeople([
    { relation: "", birth: "1990" }, { relation: "partner", birth: "1991" }, { relation: "child_both", birth: "2019" }, { relation: "child_mine", birth: "2023" },
  ]);
  return state;
}

test("people become persons with relations", () => {
  const { persons, asker } = family().request();
  assert.equal(asker, "p0");
  assert.deepEqual(persons!.map((p) => [p.partner, p.parents]), [["p1", []], ["p0", []], [undefined, ["p0", "p1"]], [undefined, ["p0", "away"]]]);
});

test("a grandchild or foster child has no parents here, and its Kindergeld goes to the person who asks", () => {
  const state = new Answered("2026-11-23", rules);
  state.setPeople([{ relation: "", birth: "1960" }, { relation: "child_foster", birth: "2019" }]);
  assert.deepEqual(state.request().persons!.map((p) => [p.parents, p.kindergeld_to]), [[[], undefined], [[], "p0"]]);
});

test("who is no relative shares the home alone", () => {
  const state = new Answered("2026-11-23", rules);
  state.setPeople([{ relation: "", birth: "1990" }, { relation: "other", birth: "1991" }, { relation: "other_relative", birth: "1992" }]);
  assert.deepEqual(state.request().persons!.map((p) => p.flatmate), [undefined, true, undefined]);
});

test("a question asks of those alone for whom it matters", () => {
  const fields = (state: Answered): string[] => state.walk().flatMap((s) => s.fields.map((f) => f.name));
  const state = family();
  assert.deepEqual(fields(state), ["p0.training", "p1.training", "p2.training", "p0.trained", "p1.trained", "p2.trained", "h.rent"]);
  state.set("p0", "training", "none");
  assert.ok(!fields(state).includes("p0.trained"));
});

test("answers of branches and people that were left are dropped", () => {
  const state = family();
  state.set("p0", "training", "school");
  state.set("p0", "trained", true);
  state.set("p2", "training", "school");
  state.mark("work");
  state.set("p0", "training", "none");
  state.setPeople([{ relation: "", birth: "1990" }]);
  state.prune();
  assert.deepEqual(state.facts, { p0: { training: "none" } });
  assert.deepEqual(state.asked, ["work"]);
});
