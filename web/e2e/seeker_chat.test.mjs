// The main journey: is somebody there, first words, waiting, talking, ending.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { expectAccessible, expectQuiet, onDuty, startBrowser, startDemo, waitFor } from "./harness.mjs";
import { CHAT, Counsellor, Seeker } from "./seeker_kit.mjs";

let demo, browser;
before(async () => { demo = await startDemo(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); });

test("from nobody there to a conversation and its end", async () => {
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Gerade ist niemand da");
  await expectAccessible(seeker.page, "nobody there");
  assert.deepEqual(await seeker.stored(), { session: {}, local: {}, cookie: "" }, "nothing is stored before the chat");
  await seeker.page.fill("#chat-message", "Ich öffne seit Wochen keine Post mehr.");
  await seeker.page.fill("#chat-name", "Mia");

  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  await seeker.heading("Jetzt ist jemand für Sie da");
  assert.equal(await seeker.page.inputValue("#chat-message"), "Ich öffne seit Wochen keine Post mehr.", "the words stay");
  await expectAccessible(seeker.page, "somebody there");

  await seeker.page.click("#chat-send");
  await seeker.page.locator("#chat-act-leave").waitFor();
  await seeker.settled();
  await expectAccessible(seeker.page, "waiting");
  assert.equal(await seeker.page.evaluate(() => location.search), "", "topic and postcode leave the address");
  const kept = (await seeker.stored()).session;
  assert.deepEqual(Object.keys(kept), ["lotse.chat"]);
  assert.deepEqual(Object.keys(JSON.parse(kept["lotse.chat"])).sort(), ["pins", "seed", "token"]);

  await anna.accept();
  await anna.sees("Ich öffne seit Wochen keine Post mehr.");
  await seeker.heading("ist für Sie da");
  await anna.say("Guten Tag Mia. Das kenne ich von vielen.");
  await seeker.reads("Ich öffne seit Wochen keine Post mehr.", "Guten Tag Mia. Das kenne ich von vielen.");
  await seeker.say("Es sind drei Banken.");
  await anna.sees("Es sind drei Banken.");
  await expectAccessible(seeker.page, "in the chat");

  await anna.page.type(".team-composer__field", "Moment");
  await seeker.page.locator("#chat-typing:not([hidden])").waitFor();
  assert.equal(await seeker.page.locator("[role=log] #chat-typing").count(), 0, "typing stands outside the log");
  await anna.page.fill(".team-composer__field", "");

  await seeker.page.reload();
  await seeker.heading("ist für Sie da");
  await seeker.reads("Ich öffne seit Wochen keine Post mehr.", "Guten Tag Mia. Das kenne ich von vielen.", "Es sind drei Banken.");
  await seeker.say("Nach dem Neuladen.");
  await anna.sees("Nach dem Neuladen.");

  await seeker.page.context().setOffline(true);
  await seeker.page.locator("#chat-line", { hasText: "Keine Verbindung" }).waitFor();
  await seeker.say("Ohne Netz geschrieben.");
  await anna.say("Hören Sie mich?");
  await seeker.page.context().setOffline(false);
  await seeker.page.locator("#chat-line", { hasText: "steht wieder" }).waitFor();
  await anna.sees("Ohne Netz geschrieben.");
  await seeker.settled();
  const lines = await seeker.lines();
  assert.equal(lines.length, 6, lines.join(" | "));
  assert.deepEqual(lines.slice(4).sort(), ["Hören Sie mich?", "Ohne Netz geschrieben."]);

  await seeker.options();
  await expectAccessible(seeker.page, "options open");
  const words = await waitFor("the six words are there", () => seeker.page.textContent("#chat-words"));
  assert.equal(words.split(" ").length, 6);
  await seeker.page.click("#chat-do-save");
  await expectAccessible(seeker.page, "question before saving");
  const [file] = await Promise.all([seeker.page.waitForEvent("download"), seeker.page.click("#chat-dialog-save [data-answer=yes]")]);
  assert.match(file.suggestedFilename(), /^text-\d{4}-\d\d-\d\d\.txt$/, "the name says nothing");
  const saved = await readFile(await file.path(), "utf8");
  for (const line of lines) assert.ok(saved.includes(line), line);

  await seeker.page.click("#chat-do-end");
  await seeker.page.click("#chat-dialog-end [data-answer=yes]");
  await seeker.heading("Das Gespräch ist beendet");
  await expectAccessible(seeker.page, "ended");
  assert.ok(await seeker.page.isHidden("#chat-form"), "nothing can be written any more");
  await seeker.page.click("#chat-act-delete");
  await seeker.page.click("#chat-dialog-delete [data-answer=yes]");
  await seeker.heading("Alles ist gelöscht");
  await expectAccessible(seeker.page, "deleted");
  assert.match(await seeker.page.textContent("#chat-detail"), /Quittung \S+/);
  assert.deepEqual(await seeker.stored(), { session: {}, local: {}, cookie: "" });
  assert.deepEqual(await seeker.lines(), []);
  await seeker.page.reload();
  await seeker.page.locator("#chat-ask").waitFor();
  expectQuiet(seeker.page, /ERR_INTERNET_DISCONNECTED/, /WebSocket connection/);
});

test("what is typed while the first words are under way stays in the box", async () => {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Jetzt ist jemand");
  let held;
  await seeker.page.route("**/api/v1/conversations", (route) => { held = route; });
  await seeker.say("Erster Satz");
  await waitFor("the first words are under way", () => held);
  await seeker.page.locator("#chat-message").pressSequentially(" und noch einer");
  await held.continue();
  await seeker.page.locator("#chat-act-leave").waitFor();
  await seeker.reads("Erster Satz");
  assert.equal(await seeker.page.inputValue("#chat-message"), "und noch einer");
  await seeker.page.click("#chat-act-leave");
  await seeker.page.click("#chat-dialog-leave [data-answer=yes]");
  await seeker.heading("Alles ist gelöscht");
  await anna.page.context().close();
});

test("a choice that was changed after a try without an answer holds", async () => {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Jetzt ist jemand");
  await seeker.page.route("**/api/v1/conversations", async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  await seeker.say("Nur für jetzt");
  await seeker.page.locator("#chat-message-error", { hasText: /\S/ }).waitFor();
  await seeker.page.check("#chat-gone-discard");
  await seeker.page.click("#chat-send");
  await seeker.reads("Nur für jetzt");
  await seeker.settled();
  await seeker.page.reload();
  await seeker.reads("Nur für jetzt");
  assert.ok(await seeker.page.isChecked("#chat-gone-discard"));
  await seeker.page.click("#chat-act-leave");
  await seeker.page.click("#chat-dialog-leave [data-answer=yes]");
  await seeker.heading("Alles ist gelöscht");
  await anna.page.context().close();
});

test("waiting tells the place, survives a reload, and can be left", async () => {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  await anna.limit(1);
  const before = await Seeker.open(browser, demo);
  await before.heading("Jetzt ist jemand");
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Jetzt ist jemand");
  await before.say("Ich war zuerst da");
  await anna.accept();
  await seeker.heading("Gerade sind alle im Gespräch");
  await expectAccessible(seeker.page, "queue");
  assert.equal((await seeker.page.textContent("#chat-send")).trim(), "Senden und anstellen");
  await seeker.say("Ich warte");
  await seeker.settled();
  await seeker.page.locator("#chat-wait", { hasText: "Sie sind als Nächstes dran" }).waitFor();
  await seeker.page.locator("#chat-text", { hasText: "Minuten" }).waitFor();
  await seeker.page.reload();
  await seeker.page.locator("#chat-act-leave").waitFor();
  await seeker.reads("Ich warte");
  await seeker.page.locator("#chat-wait", { hasText: "Sie sind als Nächstes dran" }).waitFor();
  await seeker.page.check("#chat-gone-discard");
  await seeker.page.reload();
  await waitFor("the choice is kept", () => seeker.page.isChecked("#chat-gone-discard"));
  await seeker.page.click("#chat-act-leave");
  await expectAccessible(seeker.page, "question before leaving");
  await seeker.page.keyboard.press("Escape");
  await seeker.reads("Ich warte");
  await seeker.page.click("#chat-act-leave");
  await seeker.page.click("#chat-dialog-leave [data-answer=yes]");
  await seeker.heading("Alles ist gelöscht");
  await anna.command("e");
  await before.heading("Das Gespräch ist beendet");
  await anna.limit(2);
  expectQuiet(seeker.page);
});

test("when everybody has left, waiting says so and leads on", async () => {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  await anna.limit(1);
  const before = await Seeker.open(browser, demo);
  await before.heading("Jetzt ist jemand");
  await before.say("Ich war zuerst da");
  await anna.accept();
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Gerade sind alle im Gespräch");
  await seeker.say("Ich warte");
  await seeker.page.locator("#chat-wait", { hasText: "Sie sind als Nächstes dran" }).waitFor();
  await anna.pause();
  await seeker.heading("Gerade ist niemand mehr da");
  const said = await seeker.page.locator("#chat-state").innerText();
  assert.doesNotMatch(said, /als Nächstes|Minuten|übernimmt/);
  await expectAccessible(seeker.page, "nobody there while waiting");
  assert.ok(await seeker.page.getByRole("link", { name: "116 123" }).isVisible(), "the crisis numbers");
  assert.ok(await seeker.page.locator("main a[href*='stellen']").first().isVisible(), "the centres");
  await anna.ready();
  await seeker.heading("Sie warten auf das Team");
  await anna.pause();
  await seeker.heading("Gerade ist niemand mehr da");
  await seeker.page.click("#chat-act-message");
  await seeker.heading("Ihre Nachricht ist angekommen");
  await anna.command("e");
  await before.heading("Das Gespräch ist beendet");
  await anna.limit(2);
  expectQuiet(seeker.page);
});

test("handed back: first in line again, the talk goes on with the next", async () => {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Jetzt ist jemand");
  await seeker.say("Erster Satz");
  await anna.accept();
  await anna.sees("Erster Satz");
  await seeker.heading("ist für Sie da");
  await anna.pause();
  await anna.command("z");
  await seeker.heading("Gerade ist niemand mehr da");
  await expectAccessible(seeker.page, "handed back, nobody there");
  await seeker.say("Ich bin noch hier");
  await seeker.settled();
  await anna.ready();
  await seeker.heading("Sie sind wieder als Erstes dran");
  await expectAccessible(seeker.page, "handed back");
  await anna.accept();
  await seeker.heading("ist für Sie da");
  await anna.say("Da bin ich wieder");
  await seeker.reads("Erster Satz", "Ich bin noch hier", "Da bin ich wieder");
  await anna.command("e");
  await seeker.heading("Das Gespräch ist beendet");
  expectQuiet(seeker.page);
});

test("the newer of two tabs takes over, the older says so and can come back", async () => {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  const first = await Seeker.open(browser, demo);
  await first.heading("Jetzt ist jemand");
  await first.say("Zwei Fenster");
  await first.settled();
  const kept = (await first.stored()).session["lotse.chat"];
  const page = await first.page.context().newPage();
  await page.addInitScript((seat) => { if (!sessionStorage.length) sessionStorage.setItem("lotse.chat", seat); }, kept);
  await page.goto(demo.url + "/de/chat");
  const second = new Seeker(page);
  await second.reads("Zwei Fenster");
  await first.heading("in einem anderen Fenster offen");
  await expectAccessible(first.page, "replaced by a newer tab");
  await first.page.click("#chat-act-here");
  await second.heading("in einem anderen Fenster offen");
  await first.page.locator("#chat-form:not([hidden])").waitFor();
  await first.say("Wieder hier");
  await first.reads("Zwei Fenster", "Wieder hier");
});

test("an address that makes no sense is answered with the question", async () => {
  const seeker = await Seeker.open(browser, demo, CHAT.replace("50667", "5066") + "&topic=unfug");
  assert.equal(await seeker.page.locator("#errors a").count() > 0, true);
  await expectAccessible(seeker.page, "errors in the question");
});
