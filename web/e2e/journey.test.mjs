// The main job in three browsers: a seeker learns honestly whether somebody is
// there and writes, a counsellor answers, and the supervisor's change of the
// roster takes effect at once.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectQuiet, onDuty, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";
import { CHAT, Counsellor, Seeker } from "./seeker_kit.mjs";
import { enter } from "./staff_kit.mjs";

let demo, browser;
before(async () => { [demo, browser] = await Promise.all([startDemo(), startBrowser()]); });
after(async () => { await browser?.close(); await demo?.stop(); });

/** What the start page says about a topic. */
function promise(page) {
  return page.locator(".here").first().getAttribute("class");
}

test("seeker, counsellor and supervisor", async () => {
  const start = await visit(browser, demo, "/de/?topic=schulden&language=de");
  const key = onDuty(demo, "schulden");
  assert.doesNotMatch(await promise(start), /here--free/, "nobody is ready yet");

  const counsellor = await Counsellor.open(browser, demo, key);
  await counsellor.ready();
  await waitFor("the start page says that somebody is there", async () => /here--free/.test(await promise(start)));

  const seeker = await Seeker.open(browser, demo, CHAT);
  await seeker.say("Ich habe einen gelben Brief bekommen.");
  await counsellor.accept();
  await counsellor.sees("Ich habe einen gelben Brief bekommen.");
  await counsellor.say("Gut, dass Sie schreiben. Was steht darin?");
  await seeker.reads("Ich habe einen gelben Brief bekommen.", "Gut, dass Sie schreiben. Was steht darin?");

  const supervisor = await enter(browser, demo, "leitung", "/team/dienstplan");
  await supervisor.selectOption("#team", { label: "Lotse-Demo Schuldnerberatung" });
  await supervisor.locator(".week__jump button").click();
  await supervisor.locator("h1", { hasText: "Schuldnerberatung" }).waitFor();
  await supervisor.locator(".tabs__link[href*='/vertretung']").click();
  const everybody = Object.values(demo.people).filter((p) => p.role === "counsellor" && p.onDuty.includes("schulden"));
  for (const person of everybody) await takeOffDuty(supervisor, person.name);
  await waitFor("the start page takes its promise back", async () => !/here--free|here--queue/.test(await promise(start)));

  await counsellor.say("Ich bleibe, bis wir fertig sind.");
  await seeker.reads("Ich habe einen gelben Brief bekommen.", "Gut, dass Sie schreiben. Was steht darin?", "Ich bleibe, bis wir fertig sind.");

  await supervisor.locator("form[action$='/aufheben'] button").first().click();
  await waitFor("the start page promises again", async () => /here--free|here--queue/.test(await promise(start)));
  for (const page of [start, seeker.page, counsellor.page, supervisor]) expectQuiet(page);
});

/** Takes a person out of the team's duty from now to tomorrow. */
async function takeOffDuty(page, name) {
  const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  await page.selectOption("select[name=remove]", { label: name });
  await page.fill("input[name=from]", day(0));
  await page.fill("input[name=to]", day(1));
  await page.locator("section[aria-labelledby=neu] form button[type=submit]").click();
  await page.locator(".person", { hasText: name }).waitFor();
}
