import assert from "node:assert/strict";
import { test } from "node:test";
import { progress } from "./team_log";
import { dutyEnd, ended, mineNow, type Entry, type TalkState } from "./team_model";
import { weakness } from "./team_password";
import de from "../locale/de/team.json";

const duty = (start: string, end: string) => ({ team: "t", start: `2026-11-23T${start}:00Z`, end: `2026-11-23T${end}:00Z`, channels: ["chat"] });
const at = (time: string): number => Date.parse(`2026-11-23T${time}:00Z`);

test("duties that follow each other are one, a gap ends them", () => {
  const duties = [duty("16:00", "18:00"), duty("08:00", "12:00"), duty("12:00", "14:00")];
  assert.equal(dutyEnd(duties, at("09:00")), at("14:00"));
  assert.equal(dutyEnd(duties, at("14:00")), at("14:00"), "the end does not belong to the duty");
  assert.equal(dutyEnd(duties, at("17:59")), at("18:00"));
  assert.equal(dutyEnd([], at("09:00")), at("09:00"));
});

test("the furthest honest word for an own message", () => {
  const entry = (seq: number, done?: Entry["progress"]): Entry => ({ id: "1", who: "me", name: "", text: "", at: "", seq, progress: done });
  const marks = { delivered: 5, read: 3 };
  assert.equal(progress(entry(0, "sending"), marks), "sending");
  assert.equal(progress(entry(6, "sent"), marks), "sent");
  assert.equal(progress(entry(5, "sent"), marks), "delivered");
  assert.equal(progress(entry(3, "sent"), marks), "read");
  assert.equal(progress(entry(0, "failed"), marks), "failed");
  for (const word of ["sending", "sent", "delivered", "read", "failed"]) assert.ok(("team.mark." + word) in de);
});

test("a conversation is mine while it is active under my key", () => {
  const state = { state: "active", counsellor: { name: "Mira", kid: "k" } } as TalkState;
  assert.ok(mineNow(state, "k"));
  assert.ok(!mineNow(state, "other"));
  assert.ok(!mineNow({ ...state, state: "waiting" }, "k"));
  assert.ok(ended({ ...state, state: "purged" }));
});

test("passwords: long, varied, and more than the account's own words", () => {
  const mira = ["mira.berger@demo.example", "Mira Berger"];
  for (const [chosen, fault] of [
    ["elf Zeichen", "password_short"],
    ["aaaaaaaaaaaaaaaa", "password_simple"],
    ["abababababababab", "password_simple"],
    ["MiraBerger-demo1", "password_obvious"],
    ["passwortpasswort!", "password_obvious"],
    ["1qaz2wsx3edc", "password_obvious"],
    ["Administrator", "password_obvious"],
    ["sunshine-2026!", "password_obvious"],
    ["sunshinesunshine", "password_obvious"],
    ["sunshine in november", null],
    ["sieben blaue Elefanten", null],
    ["🐘🦒🐫🦏🦛🐂🐃🐄🐎🐖🐏🐑", null],
    ["سبعة أفيال زرقاء كبيرة", null],
  ] as const) {
    assert.equal(weakness(chosen, mira), fault, chosen);
    if (fault) assert.ok(("team.error." + fault) in de);
  }
});
