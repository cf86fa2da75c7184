import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { Typing } from "./typing";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

test("writing goes out by itself six seconds after it was last said", () => {
  const seen: string[] = [];
  const typing = new Typing((who) => seen.push(who));
  typing.heard("Ada");
  mock.timers.tick(5_999);
  typing.heard("Ada");
  mock.timers.tick(5_999);
  assert.deepEqual([typing.who, seen], ["Ada", ["Ada"]]);
  mock.timers.tick(1);
  assert.deepEqual([typing.who, seen], ["", ["Ada", ""]]);
});

test("who has stopped is not said to have stopped again", () => {
  const seen: string[] = [];
  const typing = new Typing((who) => seen.push(who));
  typing.heard("Ada");
  typing.heard("");
  mock.timers.tick(60_000);
  assert.deepEqual(seen, ["Ada", ""]);
});
