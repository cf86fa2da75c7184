// Nobody there: a message, the return code, and the way back on another device.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectAccessible, expectQuiet, onDuty, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";
import { CHAT, Counsellor, Seeker } from "./seeker_kit.mjs";

let demo, browser;
before(async () => { demo = await startDemo(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); });

async function leaveMessage(text) {
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Gerade ist niemand da");
  await seeker.say(text);
  await seeker.heading("Ihre Nachricht ist angekommen");
  await seeker.settled();
  return seeker;
}

async function returnCode(seeker) {
  await seeker.page.click("#chat-act-code");
  await seeker.page.click("#chat-dialog-code [data-answer=yes]");
  await seeker.page.locator("#chat-code[open]").waitFor();
  return seeker.page.textContent("#chat-code-text");
}

test("a message, its code, the answer read elsewhere", async () => {
  const seeker = await leaveMessage("Bitte antworten Sie mir");
  await expectAccessible(seeker.page, "message left");
  assert.match(await seeker.page.textContent("#chat-detail"), /Ohne Rückkehr-Code/);
  const code = await returnCode(seeker);
  await expectAccessible(seeker.page, "the code");
  assert.match(code, /^([0-9A-Z]{5}-){4}[0-9A-Z]{6}-[0-9A-Z]$/);
  await seeker.page.click("#chat-code-done");
  await waitFor("the code is forgotten", async () => (await seeker.page.textContent("#chat-code-text")) === "");
  await seeker.page.reload();
  await seeker.reads("Bitte antworten Sie mir");
  await seeker.say("Noch ein Satz mit neuem Schlüssel");
  await seeker.settled();
  await seeker.page.reload();
  await seeker.reads("Bitte antworten Sie mir", "Noch ein Satz mit neuem Schlüssel");
  await seeker.page.context().close();

  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.take();
  await anna.sees("Noch ein Satz mit neuem Schlüssel");
  await anna.say("Hier ist die Antwort");

  const page = await visit(browser, demo, "/de/rueckkehr");
  await page.locator("#return-form:not([hidden])").waitFor();
  await expectAccessible(page, "return page");
  const again = new Seeker(page);
  await page.fill("#return-code", code.toLowerCase().replaceAll("-", " "));
  await page.press("#return-code", "Enter");
  await page.waitForURL("**/de/chat");
  await again.reads("Bitte antworten Sie mir", "Noch ein Satz mit neuem Schlüssel", "Hier ist die Antwort");
  await again.say("Danke, gelesen");
  await anna.sees("Danke, gelesen");
  expectQuiet(page);
});

test("wrong codes are explained", async () => {
  const page = await visit(browser, demo, "/de/rueckkehr");
  await page.locator("#return-form:not([hidden])").waitFor();
  for (const [typed, words] of [["", /27 Zeichen/], ["ABC", /27 Zeichen/], ["!!!", /nicht vorkommen/], ["0".repeat(26) + "Z", /Tippfehler|kein Gespräch/]]) {
    await page.fill("#return-code", typed);
    await page.press("#return-code", "Enter");
    await page.locator("#return-error", { hasText: words }).waitFor();
    await waitFor("the field has the focus", () => page.evaluate(() => document.activeElement?.id === "return-code"));
  }
  await expectAccessible(page, "wrong code");
});

test("somebody comes while the message lies there: chat after all", async () => {
  const seeker = await leaveMessage("Ich kann auch warten");
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  await seeker.page.click("#chat-act-requeue");
  await anna.accept();
  await anna.sees("Ich kann auch warten");
  await seeker.heading("ist für Sie da");
  await anna.say("Schön, dass Sie da sind");
  await seeker.reads("Ich kann auch warten", "Schön, dass Sie da sind");
  expectQuiet(seeker.page);
});

test("waiting becomes a message with one press", async () => {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Jetzt ist jemand");
  await seeker.say("Doch keine Zeit");
  await seeker.settled();
  await seeker.page.click("#chat-act-message");
  await seeker.heading("Ihre Nachricht ist angekommen");
  await seeker.reads("Doch keine Zeit");
  await anna.pause();
});

test("a full queue is said plainly, and the message way is open", async () => {
  const page = await visit(browser, demo, "/de/sicherheit");
  const full = { state: "full", position: 0, wait_s: { low: 0, high: 0 }, opens_at: null };
  await page.route("**/api/v1/availability/stream**", (route) => route.fulfill({ contentType: "text/event-stream", body: `retry: 600000\nevent: availability\ndata: ${JSON.stringify(full)}\n\n` }));
  await page.goto(demo.url + CHAT);
  const seeker = new Seeker(page);
  await seeker.heading("Im Moment warten schon sehr viele");
  await expectAccessible(page, "full");
  assert.equal((await page.textContent("#chat-send")).trim(), "Nachricht hinterlassen");
  await seeker.say("Trotzdem geschrieben");
  await seeker.heading("Ihre Nachricht ist angekommen");
});

test("closed in the very moment of sending: the words stay and become a message", async () => {
  const page = await visit(browser, demo, "/de/sicherheit");
  const free = { state: "free", position: 0, wait_s: { low: 0, high: 60 }, opens_at: null };
  await page.route("**/api/v1/availability/stream**", (route) => route.fulfill({ contentType: "text/event-stream", body: `retry: 600000\nevent: availability\ndata: ${JSON.stringify(free)}\n\n` }));
  await page.goto(demo.url + CHAT);
  const seeker = new Seeker(page);
  await seeker.heading("Jetzt ist jemand");
  await seeker.say("Gerade noch rechtzeitig?");
  await page.locator("#chat-message-error", { hasText: /\S/ }).waitFor();
  await seeker.heading("Gerade ist niemand da");
  assert.equal(await page.inputValue("#chat-message"), "Gerade noch rechtzeitig?");
  await page.click("#chat-send");
  await seeker.heading("Ihre Nachricht ist angekommen");
  await seeker.reads("Gerade noch rechtzeitig?");
});

test("where no team answers, other ways are shown before anybody writes", async () => {
  const page = await visit(browser, demo, "/de/chat?topic=sucht&language=de&postcode=80331");
  const seeker = new Seeker(page);
  await seeker.heading("Dazu gibt es hier noch kein Team");
  await expectAccessible(page, "no team");
  assert.ok(await page.isHidden("#chat-form"));
  await page.click("#chat-act-other");
  await page.locator("#chat-ask").waitFor();
});
