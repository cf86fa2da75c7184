import assert from "node:assert/strict";
import { test } from "node:test";
import { Places, where } from "./places";
import type { Access } from "./rules";

const places = new Places({ districts: ["5158-Kreis Mettmann", "157*Stadt Köln", "5685-Berlin"], gaps: "!40822!!9845!%", runs: "0 1 0+-1", levels: "(0I" });

test("a postcode says its Kreise and rent levels", () => {
  assert.deepEqual(places.find(40822), { postcode: "40822", districts: [{ ags: "05158", name: "Kreis Mettmann", city: false }], rent_level: { low: 1, high: 1 }, used: false });
  assert.deepEqual(places.find(50667)?.districts.map((d) => d.name), ["Stadt Köln"]);
  assert.deepEqual(places.find(50669)?.districts.map((d) => d.name), ["Stadt Köln", "Kreis Mettmann"]);
  assert.equal(places.find(50668), undefined);
});

test("who is responsible depends on level, place and the table of bodies", () => {
  const access = (office: string, level: string): Access => ({ office, level, documents: [], online: { level: "unknown", offer: "unknown", sure: "C", reviewed: "" } });
  const bodies = [{ office: "egh", ags: "05", name: "LWL" }, { office: "egh", ags: "053", name: "LVR", children: true }];
  assert.deepEqual(where(access("egh", "state"), places.find(50667), bodies), [{ kind: "body", name: "LVR" }, { kind: "children", name: "Stadt Köln" }]);
  assert.deepEqual(where(access("wg", "municipality"), places.find(40822), bodies), [{ kind: "within", name: "Kreis Mettmann" }]);
  assert.deepEqual(where(access("fk", "federal"), places.find(50667), bodies), []);
  assert.deepEqual(where(access("wg", "municipality"), undefined, bodies), []);
});
