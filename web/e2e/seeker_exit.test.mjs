// Safety: leaving at once, what stays behind, no script, and what leaves the browser.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { expectAccessible, expectQuiet, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";
import { CHAT, Seeker } from "./seeker_kit.mjs";

let demo, browser;
const weather = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<title>Wetter</title>"));
before(async () => {
  await new Promise((listening) => weather.listen(0, "127.0.0.1", listening));
  demo = await startDemo({ LOTSE_EXIT_URL: `http://127.0.0.1:${weather.address().port}/` });
  browser = await startBrowser();
});
after(async () => { await browser?.close(); await demo?.stop(); weather.close(); });

/** A conversation with a message. */
async function inside() {
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Gerade ist niemand da");
  await seeker.say("GEHEIMTEXT " + "x");
  await seeker.settled();
  return seeker;
}

async function outside(page) {
  await page.waitForURL((url) => !url.href.startsWith(demo.url));
  assert.equal(await page.title(), "Wetter");
  await page.goBack().catch(() => undefined);
  assert.ok(!(await page.content()).includes("GEHEIMTEXT"), "Back shows nothing");
  await page.goto(demo.url + "/de/sicherheit");
  assert.deepEqual(await page.evaluate(() => ({ ...sessionStorage, ...localStorage })), {});
  assert.deepEqual(await page.context().cookies(), []);
}

test("the exit link wipes and leads away", async () => {
  const seeker = await inside();
  assert.equal(await seeker.page.title(), "Chat", "the title says nothing");
  await seeker.page.click(".exit");
  await outside(seeker.page);
});

test("Shift three times does the same, also from the text box", async () => {
  const seeker = await inside();
  await seeker.page.focus("#chat-message");
  for (let i = 0; i < 3; i++) await seeker.page.keyboard.press("Shift");
  await outside(seeker.page);
});

test("closing the tab asks nothing", async () => {
  const seeker = await inside();
  await seeker.page.fill("#chat-message", "noch nicht gesendet");
  let asked = false;
  seeker.page.on("dialog", () => { asked = true; });
  await seeker.page.close({ runBeforeUnload: true });
  await waitFor("the tab is closed", () => seeker.page.isClosed());
  assert.equal(asked, false);
});

test("without script the page says so and shows other ways", async () => {
  for (const address of [CHAT, "/de/chat", "/de/rueckkehr", "/ar/chat?topic="]) {
    const page = await visit(browser, demo, address, { javaScriptEnabled: false });
    assert.ok(await page.getByRole("heading", { name: /JavaScript/ }).isVisible(), address);
    assert.ok(await page.locator("a[href='tel:112']:visible").first().isVisible());
    assert.equal(await page.locator("#chat-form").isVisible().catch(() => false), false);
    assert.equal(await page.locator("form#return-form").isVisible().catch(() => false), false);
  }
});

test("no text leaves the browser in clear, neither written nor found by the crisis check", async () => {
  const page = await visit(browser, demo, CHAT);
  const seeker = new Seeker(page);
  const sent = [];
  page.on("request", (r) => sent.push(r.url() + " " + (r.postData() ?? "") + JSON.stringify(r.headers())));
  page.on("websocket", (ws) => ws.on("framesent", (f) => sent.push(String(f.payload))));
  await seeker.heading("Gerade ist niemand da");
  await page.fill("#chat-name", "MARKERNAME");
  await page.fill("#chat-message", "MARKERTEXT ich will nicht mehr leben");
  await page.locator("#chat-crisis:not([hidden])").waitFor();
  await expectAccessible(page, "crisis help");
  assert.ok(await page.locator("#chat-crisis a[href='tel:112']").isVisible());
  assert.ok(await page.locator("#chat-crisis a[href='tel:08001110111']").isVisible());
  assert.ok(!sent.join().includes("urgent"), "nothing leaves before the consent");
  await page.click("#chat-send");
  await seeker.heading("Ihre Nachricht ist angekommen");
  await seeker.settled();
  assert.ok(!sent.join().includes("urgent"));
  await page.click("#chat-crisis-yes");
  await waitFor("the bit is sent", () => sent.some((s) => s.includes('"urgent":true')));
  const all = sent.join("\n");
  for (const secret of ["MARKERTEXT", "MARKERNAME", "nicht mehr leben"]) assert.ok(!all.includes(secret), secret);
  const seed = JSON.parse((await seeker.stored()).session["lotse.chat"]).seed;
  assert.ok(!all.includes(seed), "the seed stays");
  assert.ok(!page.url().includes("schulden"));
  const disk = readdirSync(demo.data, { recursive: true, withFileTypes: true }).filter((f) => f.isFile())
    .map((f) => readFileSync(path.join(f.parentPath ?? f.path, f.name), "latin1")).join();
  for (const secret of ["MARKERTEXT", "MARKERNAME", "nicht mehr leben", seed]) {
    assert.ok(!disk.includes(secret), "on disk: " + secret);
    assert.ok(!demo.output().includes(secret), "in the log: " + secret);
  }
  expectQuiet(page);
});

/** Ways in which a server may answer with readers that the team never signed. */
const forgeries = {
  "a reader nobody signed": (to) => { to.readers.push("AAAAAAAAAAAAAAAAAAAAAA"); },
  "a broken signature": (to) => { const s = to.chain.at(-1); s.sig = (s.sig[0] === "A" ? "B" : "A") + s.sig.slice(1); },
  "a chain with a hole": (to) => { to.chain.shift(); },
  "no chain": (to) => { to.chain = []; },
};

for (const [name, forge] of Object.entries(forgeries)) {
  test("readers that cannot be verified stop everything: " + name, async () => {
    const seeker = await Seeker.open(browser, demo);
    const posted = [];
    await seeker.page.route("**/api/v1/recipients**", async (route) => {
      const answer = await route.fetch();
      const to = await answer.json();
      forge(to);
      await route.fulfill({ response: answer, json: to });
    });
    await seeker.page.route("**/api/v1/conversations", (route) => { posted.push(route.request().postData()); return route.abort(); });
    await seeker.heading("Gerade ist niemand da");
    await seeker.say("Das darf niemand lesen");
    await seeker.heading("Zu Ihrer Sicherheit angehalten");
    await expectAccessible(seeker.page, "stopped");
    assert.equal(await seeker.page.inputValue("#chat-message"), "Das darf niemand lesen");
    assert.ok(await seeker.page.isVisible("#chat-message"), "the words can be seen and copied");
    assert.ok(await seeker.page.isHidden("#chat-send"));
    await seeker.page.press("#chat-message", "Enter");
    assert.deepEqual(posted, []);
    assert.deepEqual((await seeker.stored()).session, {});
    await seeker.page.unroute("**/api/v1/recipients**");
    await seeker.page.unroute("**/api/v1/conversations");
    await seeker.page.click("#chat-act-retry");
    await seeker.page.locator("#chat-form:not([hidden])").waitFor();
    assert.equal(await seeker.page.inputValue("#chat-message"), "Das darf niemand lesen", "the words stay");
    await seeker.page.click("#chat-send");
    await seeker.heading("Ihre Nachricht ist angekommen");
  });
}
