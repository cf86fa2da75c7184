// The team changes while somebody writes: the page makes new keys for exactly
// those who are signed in now, by itself, and says who can read.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectQuiet, onDuty, startBrowser, startDemo, waitFor } from "./harness.mjs";
import { Counsellor, Seeker } from "./seeker_kit.mjs";
import { enter, fillBy, press } from "./staff_kit.mjs";

let demo, browser;
before(async () => { demo = await startDemo(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); });

/** Answers the question who is there, when it is asked, and waits for the signature. */
async function signed(page) {
  const stepUp = page.getByRole("dialog", { name: "Bitte bestätigen" });
  const end = page.locator(".team-toast", { hasText: "Unterschrieben." });
  await stepUp.or(end).first().waitFor();
  if (await stepUp.isVisible()) {
    await fillBy(page, "Kennwort", demo.password);
    await page.keyboard.press("Enter");
  }
  await end.waitFor();
}

test("somebody is taken out of the team in the middle of a conversation", async () => {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Jetzt ist jemand");
  await seeker.say("Vorher");
  await anna.accept();
  await anna.sees("Vorher");
  await seeker.options();
  const epochs = [];
  seeker.page.on("request", (r) => { if (r.url().endsWith("/epochs")) epochs.push(JSON.parse(r.postData())); });
  const readers = async () => (await seeker.page.locator("#chat-reader-list li").allTextContents()).sort();
  await waitFor("the readers are named", async () => (await readers()).length > 1);
  const all = await readers();
  const other = all.find((name) => name !== "Anna");

  const lead = await enter(browser, demo, "leitung", "/team/teams");
  await lead.locator("main select").first().selectOption({ label: "Lotse-Demo Schuldnerberatung" });
  await lead.getByRole("heading", { name: /^Sechs Wörter von .*Schuldnerberatung/ }).waitFor();
  await press(lead, other + " herausnehmen");
  await lead.getByRole("dialog").waitFor();
  await lead.keyboard.press("Enter");
  await signed(lead);

  await waitFor("the page has made new keys", () => epochs.length > 0);
  await waitFor("the list is renewed", async () => (await readers()).join() === all.filter((name) => name !== other).join());
  assert.equal(epochs.at(-1).epoch, 1);
  assert.equal(epochs.at(-1).wraps.length, all.length, "one wrap less, the seeker's own included");
  await seeker.say("Nachher");
  await anna.sees("Nachher");
  await anna.say("Ich lese weiter");
  await seeker.reads("Vorher", "Nachher", "Ich lese weiter");
  await seeker.page.reload();
  await seeker.reads("Vorher", "Nachher", "Ich lese weiter");
  expectQuiet(seeker.page);
});

test("another team takes over only with the seeker's word, and then reads everything", async () => {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  const elif = await Counsellor.open(browser, demo, onDuty(demo, "sozial"));
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Jetzt ist jemand");
  await seeker.say("Es geht eigentlich um etwas anderes");
  await anna.accept();
  await anna.sees("Es geht eigentlich um etwas anderes");
  await elif.ready();
  await anna.page.locator(".team-talk__title").focus();
  await anna.page.keyboard.press("u");
  await anna.page.locator("dialog[open] label", { hasText: "Allgemeine Sozialberatung" }).click();
  await anna.page.locator("dialog[open] .kern-btn--primary").click();
  await seeker.page.locator("#chat-transfer", { hasText: "Allgemeine Sozialberatung" }).waitFor();
  const epochs = [];
  seeker.page.on("request", (r) => { if (r.url().endsWith("/epochs")) epochs.push(JSON.parse(r.postData())); });
  await seeker.page.click("#chat-transfer-yes");
  await elif.accept();
  await elif.sees("Es geht eigentlich um etwas anderes");
  assert.equal(epochs.length, 1);
  await elif.say("Ich übernehme gern");
  await seeker.reads("Es geht eigentlich um etwas anderes", "Ich übernehme gern");
  await seeker.say("Danke");
  await elif.sees("Danke");
  await seeker.options();
  await waitFor("the new team is named", async () => /Sozialberatung/.test(await seeker.page.textContent("#chat-readers")));
  expectQuiet(seeker.page);
});
