// The console by keyboard alone: an offer, a conversation, handing over with
// consent, messages left behind, several at once; and a server that cheats.
import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { expectAccessible, expectFocusVisible, expectQuiet, expectReflow, onDuty, startBrowser, startDemo, waitFor } from "./harness.mjs";
import { Seeker } from "./seeker_kit.mjs";
import { enter, press, tabTo } from "./staff_kit.mjs";

const OFFLINE = /ERR_INTERNET_DISCONNECTED|WebSocket connection/;
let demo, browser;
before(async () => { demo = await startDemo(); browser = await startBrowser(); });
afterEach(async () => { for (const context of browser.contexts()) await context.close(); });
after(async () => { await browser?.close(); await demo?.stop(); });

test("accept, answer, hand over with consent and end, by keyboard alone", async () => {
  const anna = await desk("schulden");
  await expectAccessible(anna, "empty desk");
  await ready(anna);
  const seeker = await waiting("Ich öffne seit Wochen keine Post mehr.");
  await anna.locator(".team-offer").waitFor();
  await expectAccessible(anna, "offer");
  await anna.keyboard.press("F6");
  assert.equal(await region(anna), "offer");
  await expectFocusVisible(anna);
  await anna.keyboard.press("a");
  await writable(anna);
  await anna.locator(".team-log", { hasText: "Ich öffne seit Wochen keine Post mehr." }).waitFor();
  await expectAccessible(anna, "conversation");
  assert.equal(await anna.evaluate(() => document.activeElement.tagName), "TEXTAREA", "the focus is where one writes");
  await anna.keyboard.type("Guten Tag.");
  await anna.keyboard.press("Shift+Enter");
  await anna.keyboard.type("Das kenne ich von vielen.");
  await anna.keyboard.press("Enter");
  await seeker.reads("Ich öffne seit Wochen keine Post mehr.", "Guten Tag.\nDas kenne ich von vielen.");
  await anna.locator(".team-line__mark", { hasText: "gelesen" }).waitFor();

  const elif = await desk("sozial");
  await ready(elif);
  await anna.keyboard.press("F6");
  await anna.keyboard.press("u");
  const dialog = anna.getByRole("dialog");
  await dialog.waitFor();
  await expectAccessible(anna, "hand over");
  const target = dialog.getByRole("radio", { name: /Sozialberatung/ });
  await tabTo(anna, dialog.getByRole("radio", { checked: true }));
  for (let i = 0; i < 9 && !(await target.isChecked()); i++) await anna.keyboard.press("ArrowDown");
  await anna.keyboard.press("Enter");
  await anna.getByText("Die ratsuchende Person wird gefragt").waitFor();
  await expectAccessible(anna, "asked");
  await seeker.page.locator("#chat-transfer-yes").press("Enter");

  await elif.locator(".team-offer").waitFor();
  await elif.keyboard.press("a");
  await writable(elif);
  await elif.locator(".team-log", { hasText: "Das kenne ich von vielen." }).waitFor();
  await waitFor("it has left the first desk", async () => (await anna.locator(".team-row__button").count()) === 0);
  await elif.keyboard.type("Ich übernehme gern.");
  await elif.keyboard.press("Enter");
  await seeker.page.getByText("Ich übernehme gern.").waitFor();

  await elif.keyboard.press("F6");
  await elif.keyboard.press("e");
  await elif.getByRole("dialog").waitFor();
  await expectAccessible(elif, "end");
  await elif.keyboard.press("Enter");
  await elif.getByText("Das Gespräch ist beendet.").first().waitFor();
  await seeker.heading("Das Gespräch ist beendet");
  await expectAccessible(elif, "ended");
  for (const page of [anna, elif]) expectQuiet(page);
});

test("a colleague who became ready after this page was opened is offered to take over", async () => {
  const anna = await desk("schulden");
  await ready(anna);
  const seeker = await waiting("Wer hat heute Zeit?");
  await accept(anna);
  await anna.route("**/api/v1/staff/desk", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const team of body.teams) team.colleagues.push({ id: body.me.id.replace(/.$/, "x"), name: "Eben bereit", kid: "k" });
    await route.fulfill({ response: answer, json: body });
  });
  await anna.keyboard.press("F6");
  await anna.keyboard.press("u");
  await anna.getByRole("dialog").getByRole("radio", { name: "Eben bereit" }).check();
  await anna.keyboard.press("Escape");
  await endAll(anna);
  await seeker.heading("Das Gespräch ist beendet");
  expectQuiet(anna);
});

test("several at once: unread is counted, drafts stay, the regions are a key away", async () => {
  const anna = await desk("schulden");
  await ready(anna);
  const first = await waiting("Erste Frage");
  await accept(anna);
  const second = await waiting("Zweite Frage");
  await accept(anna);
  await anna.keyboard.type("Ein Entwurf");
  await first.say("Sind Sie noch da?");
  await waitFor("the title counts", async () => (await anna.title()).startsWith("(1)"));
  await anna.keyboard.press("F6");
  await anna.keyboard.press("1");
  await anna.locator(".team-log", { hasText: "Sind Sie noch da?" }).waitFor();
  await waitFor("it is read", async () => !(await anna.title()).startsWith("("));
  await anna.keyboard.press("F6");
  await anna.keyboard.press("j");
  assert.equal(await anna.locator(".team-composer__field").inputValue(), "Ein Entwurf");

  const seen = new Set();
  for (let i = 0; i < 4; i++) {
    await anna.keyboard.press("F6");
    seen.add(await region(anna));
  }
  assert.deepEqual([...seen].sort(), ["context", "queue", "status", "talk"]);
  await anna.locator(".team-queue").focus();
  await anna.keyboard.press("Tab");
  await anna.keyboard.press("ArrowDown");
  await anna.keyboard.press("Enter");
  assert.match(await anna.locator(".team-row__button[aria-current]").textContent(), /Schulden/);

  await anna.keyboard.press("F6");
  await anna.keyboard.press("?");
  await anna.getByRole("dialog").waitFor();
  await expectAccessible(anna, "shortcuts");
  await anna.keyboard.press("Space");
  await anna.keyboard.press("Escape");
  await anna.keyboard.press("p");
  assert.equal(await anna.locator(".team-ready").getAttribute("aria-pressed"), "true", "letters are switched off");
  await anna.evaluate(() => localStorage.clear());
  await anna.setViewportSize({ width: 320, height: 700 });
  await expectReflow(anna);
  await expectAccessible(anna, "phone");
  await anna.getByRole("button", { name: "Angaben" }).press("Enter");
  await anna.getByText("Wer mitlesen kann").waitFor();
  await expectReflow(anna);
  await expectAccessible(anna, "phone, details");
  await anna.getByRole("button", { name: "Zum Gespräch", exact: true }).press("Enter");
  await anna.getByRole("button", { name: "Zur Liste" }).press("Enter");
  await expectReflow(anna);
  await expectAccessible(anna, "phone, list");
  await endAll(anna);
  for (const seeker of [first, second]) await seeker.heading("Das Gespräch ist beendet");
  expectQuiet(anna);
});

test("a message left behind waits in its own list and is answered", async () => {
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Gerade ist niemand da");
  await seeker.say("Bitte antworten Sie mir später.");
  await seeker.settled();
  const anna = await desk("schulden");
  const left = anna.getByRole("button", { name: /Beantworten/ });
  await left.waitFor();
  await expectAccessible(anna, "messages left");
  await tabTo(anna, left);
  await anna.keyboard.press("Enter");
  await writable(anna);
  await anna.locator(".team-log", { hasText: "Bitte antworten Sie mir später." }).waitFor();
  await anna.keyboard.type("Hier ist die Antwort.");
  await anna.keyboard.press("Enter");
  await seeker.page.getByText("Hier ist die Antwort.").waitFor();
  await endAll(anna);
  expectQuiet(anna);
});

test("sound and notices come only when asked for, and a refusal is told", async () => {
  const anna = await desk("schulden");
  const sound = anna.getByRole("button", { name: /^Ton/ });
  assert.equal(await sound.getAttribute("aria-pressed"), "false");
  await tabTo(anna, sound);
  await anna.keyboard.press("Enter");
  await anna.getByRole("button", { name: "Ton an" }).waitFor();
  await anna.keyboard.press("Tab");
  await anna.keyboard.press("Space");
  const notices = anna.getByRole("button", { name: /^Hinweise/ });
  assert.equal(await notices.getAttribute("aria-pressed"), "false", "the browser of this test refuses");
  await expectAccessible(anna, "switches");
  expectQuiet(anna);
});

test("asked for, tones and a notice tell of an offer while nobody looks, and of nothing in it", async () => {
  const anna = await desk("schulden");
  await anna.addInitScript(listenToSignals);
  await anna.reload();
  await anna.locator("[data-line=online]").waitFor();
  await ready(anna);
  const told = () => anna.evaluate(() => window.told);
  await anna.evaluate(() => { window.away = true; });
  const first = await waiting("Ohne Ton und Hinweis");
  await anna.locator(".team-offer").waitFor();
  assert.deepEqual(await told(), [], "nothing before it is asked for");
  await accept(anna);
  await press(anna, /^Ton/);
  await press(anna, /^Hinweise/);
  await anna.getByRole("button", { name: "Hinweise an" }).waitFor();
  const second = await waiting("Mit Ton und Hinweis");
  await anna.locator(".team-offer").waitFor();
  assert.deepEqual(await told(), ["sound allowed", "tone 660", "tone 880", "notice: Ein Angebot wartet"]);
  await accept(anna);
  const unread = (n) => waitFor(`${n} are unread`, async () => (await anna.title()).startsWith(`(${n})`));
  await unread(2);
  await anna.evaluate(() => {
    window.away = false;
    window.told = [];
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await unread(1);
  await first.say("Sind Sie noch da?");
  await unread(2);
  assert.deepEqual(await told(), ["tone 660", "tone 880"], "who looks gets no notice");
  await press(anna, /^Ton/);
  await first.say("Hallo?");
  await unread(3);
  assert.deepEqual(await told(), ["tone 660", "tone 880"], "switched off again");
  await endAll(anna);
  for (const seeker of [first, second]) await seeker.heading("Das Gespräch ist beendet");
  expectQuiet(anna);
});

test("without a line the desk says so and loses nothing", async () => {
  const anna = await desk("schulden");
  await ready(anna);
  const seeker = await waiting("Guten Abend");
  await accept(anna);
  await anna.locator(".team-log", { hasText: "Guten Abend" }).waitFor();
  await anna.context().setOffline(true);
  await anna.locator(".team-line-state", { hasText: "Keine Verbindung" }).waitFor();
  await expectAccessible(anna, "offline");
  await anna.keyboard.type("Im Tunnel geschrieben");
  await anna.keyboard.press("Enter");
  await anna.locator(".team-line__mark", { hasText: "wird gesendet" }).waitFor();
  await anna.context().setOffline(false);
  await seeker.reads("Guten Abend", "Im Tunnel geschrieben");
  await anna.reload();
  await anna.locator(".team-row__button").waitFor();
  await anna.locator(".team-log", { hasText: "Im Tunnel geschrieben" }).waitFor();
  await endAll(anna);
  expectQuiet(anna, OFFLINE);
});

test("an altered message is shown as altered, never as text", async () => {
  const anna = await desk("schulden");
  await ready(anna);
  await waiting("Unverändert");
  await accept(anna);
  await anna.route("**/api/v1/staff/conversations/*/messages*", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const m of body.messages) m.body = (m.body[20] === "A" ? "B" : "A").padStart(21, m.body.slice(0, 20)) + m.body.slice(21);
    await route.fulfill({ response: answer, json: body });
  });
  await anna.reload();
  await anna.locator(".team-line--broken", { hasText: "verändert" }).waitFor();
  assert.equal(await anna.locator(".team-log", { hasText: "Unverändert" }).count(), 0);
  await anna.getByText("Auffällige Stellen: 1").waitFor();
  await expectAccessible(anna, "altered");
  await endAll(anna);
});

test("a team list that goes back in time stops everything", async () => {
  const anna = await desk("schulden");
  await ready(anna);
  const seeker = await waiting("Wer liest mit?");
  await accept(anna);
  await anna.route(/\/api\/v1\/staff\/conversations\/[^/]+$/, async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    for (const team of Object.keys(body.chains)) body.chains[team] = body.chains[team].slice(0, -1);
    await route.fulfill({ response: answer, json: body });
  });
  await anna.reload();
  await anna.locator(".team-talk .kern-alert--danger").waitFor();
  await expectAccessible(anna, "stopped");
  assert.ok(await anna.locator(".team-composer__field").evaluate((field) => field.readOnly));
  assert.equal(await anna.locator(".team-log", { hasText: "Wer liest mit?" }).count(), 0);
  await anna.unrouteAll();
  await anna.getByRole("button", { name: "Noch einmal prüfen" }).press("Enter");
  await anna.locator(".team-log", { hasText: "Wer liest mit?" }).waitFor();
  await writable(anna);
  await endAll(anna);
  await seeker.heading("Das Gespräch ist beendet");
});

/** desk opens the console of whoever is on duty for a team. */
async function desk(team) {
  const page = await enter(browser, demo, onDuty(demo, team));
  await page.locator("[data-line=online]").waitFor();
  await endAll(page);
  return page;
}

/** listenToSignals stands in the page for loudspeaker and desktop: told holds what they are given, away hides the page. */
function listenToSignals() {
  window.told = [];
  window.away = false;
  Object.defineProperty(document, "hidden", { get: () => window.away });
  window.Notification = class {
    static requestPermission = async () => "granted";
    constructor(line) { window.told.push("notice: " + line); }
    close() {}
  };
  const passOn = { connect: (next) => next };
  const volume = { setValueAtTime() {}, exponentialRampToValueAtTime() {} };
  window.AudioContext = class {
    currentTime = 0;
    destination = {};
    resume() { window.told.push("sound allowed"); return Promise.resolve(); }
    createGain() { return { ...passOn, gain: volume }; }
    createOscillator() {
      const frequency = { value: 0 };
      return { ...passOn, frequency, start: () => window.told.push("tone " + frequency.value), stop() {} };
    }
  };
}

/** ready presses P until the desk is ready. */
async function ready(page) {
  const button = page.locator(".team-ready");
  if ((await button.getAttribute("aria-pressed")) !== "true") await page.keyboard.press("p");
  await page.locator(".team-ready[aria-pressed=true]").waitFor();
}

/** waiting brings a seeker into the queue with first words. */
async function waiting(text) {
  const seeker = await Seeker.open(browser, demo);
  await seeker.heading("Jetzt ist jemand");
  await seeker.say(text);
  return seeker;
}

/** accept takes the next offer: F6 to the card when somebody is writing, then A. */
async function accept(page) {
  await page.locator(".team-offer").waitFor();
  await page.keyboard.press("F6");
  await page.keyboard.press("a");
  await page.locator(".team-offer").waitFor({ state: "detached" });
  await writable(page);
}

async function writable(page) {
  await page.locator(".team-composer__field:not([readonly])").waitFor();
}

function region(page) {
  return page.evaluate(() => document.activeElement.dataset.region);
}

/** endAll ends every conversation of the desk. */
async function endAll(page) {
  await page.setViewportSize({ width: 1280, height: 860 });
  const open = page.locator(".team-section").first().locator(".team-row__button");
  for (let left = await open.count(); left > 0; left--) {
    await open.nth(left - 1).press("Enter");
    await page.locator(".team-talk__title").focus();
    await page.keyboard.press("e");
    await page.getByRole("dialog").waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Aus der Liste nehmen" }).press("Enter");
    await waitFor("it is off the list", async () => (await open.count()) === left - 1);
  }
}
