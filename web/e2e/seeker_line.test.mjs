// A bad line and a bad server: nothing is lost, nothing is hidden.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectAccessible, expectQuiet, onDuty, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";
import { CHAT, Counsellor, Seeker } from "./seeker_kit.mjs";

let demo, browser;
before(async () => { demo = await startDemo(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); });

/**
 * A seeker whose frames from the server pass through change, which gives the
 * frames to pass on; sent collects what the page sends, push adds a frame.
 */
async function between(change = (f) => [f]) {
  const line = { sent: [], push: () => {} };
  const page = await visit(browser, demo, "/de/sicherheit");
  await page.routeWebSocket("**/ws", (ws) => {
    const server = ws.connectToServer();
    const pass = (f) => ws.send(JSON.stringify(f));
    ws.onMessage((m) => { line.sent.push(JSON.parse(m)); server.send(m); });
    server.onMessage((m) => { for (const f of change(JSON.parse(m), line)) pass(f); });
    line.push = pass;
  });
  await page.goto(demo.url + CHAT);
  return { seeker: new Seeker(page), line };
}

async function talking(change) {
  const anna = await Counsellor.open(browser, demo, onDuty(demo, "schulden"));
  await anna.ready();
  const { seeker, line } = await between(change);
  await seeker.heading("Jetzt ist jemand");
  await seeker.say("Hallo");
  await anna.accept();
  await seeker.heading("ist für Sie da");
  await anna.sees("Hallo");
  return { anna, seeker, line, end: async () => { await anna.command("e"); await seeker.heading("Das Gespräch ist beendet"); await anna.page.context().close(); } };
}

test("a killed server costs a reconnect, never a message", async () => {
  const { anna, seeker, end } = await talking();
  await anna.say("Vor dem Absturz");
  await seeker.reads("Hallo", "Vor dem Absturz");
  await demo.crash();
  await seeker.page.locator("#chat-line", { hasText: "Keine Verbindung" }).waitFor();
  await expectAccessible(seeker.page, "no connection");
  await seeker.say("Während der Server weg ist");
  await anna.say("Ich auch");
  await demo.revive();
  await anna.sees("Während der Server weg ist");
  await seeker.settled();
  await waitFor("both words are there", async () => (await seeker.lines()).length === 4);
  assert.deepEqual((await seeker.lines()).slice(2).sort(), ["Ich auch", "Während der Server weg ist"]);
  await end();
});

test("an altered message is shown as altered, the talk goes on", async () => {
  const flip = (f) => f.t === "message" && f.sender !== "seeker" && f.n === 2 ? [{ ...f, body: (f.body[0] === "A" ? "B" : "A") + f.body.slice(1) }] : [f];
  const { anna, seeker, end } = await talking(flip);
  await anna.say("eins");
  await anna.say("zwei");
  await anna.say("drei");
  await seeker.reads("Hallo", "eins", "drei");
  assert.match(await seeker.page.textContent(".chat-item--fault"), /unterwegs verändert/);
  await expectAccessible(seeker.page, "altered message");
  await end();
});

test("a message that got lost on the way is fetched", async () => {
  let lose = true;
  const drop = (f) => f.t === "message" && f.sender !== "seeker" && lose ? (lose = false, []) : [f];
  const { anna, seeker, end } = await talking(drop);
  await anna.say("verloren");
  await anna.say("angekommen");
  await seeker.reads("Hallo", "verloren", "angekommen");
  await end();
});

test("doubled and repeated frames show once", async () => {
  const seen = [];
  const echo = (f) => {
    if (f.t === "message") seen.push(f);
    return f.t === "message" ? [f, f, ...seen] : [f];
  };
  const { anna, seeker, end } = await talking(echo);
  for (const text of ["eins", "zwei", "drei"]) await anna.say(text);
  await seeker.reads("Hallo", "eins", "zwei", "drei");
  await end();
});

/** Lets the server's states say more than they do, as long as line.more is set. */
function adding(f, line) {
  if (f.t === "state") line.state = f;
  return [f.t === "state" ? { ...f, ...line.more } : f];
}

/** Tells the page the last state again, with what is added to it. */
function say(line, more) {
  line.more = more;
  line.push({ ...line.state, ...more });
}

test("a hand-over needs the seeker's word", async () => {
  const { seeker, line, end } = await talking(adding);
  const wish = { step: "ask", team: line.state.team, team_name: "Lotse-Demo Schuldnerberatung", name: "Bilal" };
  say(line, { transfer: wish });
  await seeker.page.locator("#chat-transfer", { hasText: "Bilal" }).waitFor();
  await expectAccessible(seeker.page, "hand-over asked");
  line.more = {};
  await seeker.page.click("#chat-transfer-no");
  await waitFor("the answer is sent", () => line.sent.some((f) => f.t === "transfer" && f.step === "refuse"));
  assert.ok(await seeker.page.isHidden("#chat-transfer"));
  say(line, { transfer: wish });
  await seeker.page.click("#chat-transfer-yes");
  await waitFor("the answer is sent", () => line.sent.some((f) => f.t === "transfer" && f.step === "consent"));
  say(line, {});
  await end();
});

test("who never says that they stopped writing does not write for ever", async () => {
  const { seeker, line, end } = await talking(adding);
  const writes = () => line.push({ t: "typing", c: line.state.c, who: line.state.counsellor.kid, on: true });
  const shown = seeker.page.locator("#chat-typing", { hasText: "schreibt" });
  await seeker.page.clock.install();
  await seeker.page.clock.pauseAt(Date.now() + 1_000);
  writes();
  await shown.waitFor();
  line.push({ ...line.state, state: "waiting", counsellor: undefined });
  await shown.waitFor({ state: "hidden" });
  line.push(line.state);
  await seeker.heading("ist für Sie da");
  writes();
  await shown.waitFor();
  await seeker.page.clock.runFor(6_000);
  await shown.waitFor({ state: "hidden" });
  await seeker.page.clock.resume();
  await end();
});

test("long silence is announced and one press keeps the chat open", async () => {
  const { anna, seeker, line, end } = await talking(adding);
  say(line, { warn_at: new Date(Date.now() + 30 * 60_000).toISOString() });
  await seeker.page.locator("#chat-idle", { hasText: "Der Chat endet um" }).waitFor();
  await expectAccessible(seeker.page, "silence announced");
  await seeker.page.click("#chat-idle-extend");
  await anna.sees("Ich bin noch da");
  await seeker.reads("Hallo", "Ich bin noch da");
  say(line, {});
  await end();
});

test("what is read aloud: others' words, not one's own, and a queue that does not chatter", async () => {
  const { anna, seeker, line, end } = await talking(adding);
  await anna.say("Guten Tag");
  await seeker.reads("Hallo", "Guten Tag");
  const log = seeker.page.getByRole("log", { name: "Gesprächsverlauf" });
  assert.equal(await log.getAttribute("aria-live"), null, "a log is polite by itself");
  assert.equal(await log.locator(".chat-item--mine").getAttribute("aria-live"), "off");
  assert.equal(await log.locator(".chat-item--theirs").getAttribute("aria-live"), null);
  assert.match(await log.locator(".chat-item--theirs").innerText(), /^Anna\s*·\s*\d\d:\d\d\s+Guten Tag$/);
  await seeker.page.evaluate(() => {
    window.spoken = [];
    const region = document.getElementById("chat-announce");
    new MutationObserver(() => window.spoken.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  });
  line.push({ ...line.state, state: "waiting", counsellor: undefined });
  for (let position = 9; position > 3; position--) line.push({ t: "queue", c: line.state.c, position, low_s: 60 * position, high_s: 120 * position });
  await seeker.page.locator("#chat-wait", { hasText: "Platz 4" }).waitFor();
  await waitFor("the change is spoken", () => seeker.page.evaluate(() => window.spoken.length > 0));
  assert.equal((await seeker.page.evaluate(() => window.spoken)).length, 1);
  line.push(line.state);
  await seeker.heading("ist für Sie da");
  await end();
});

test("nothing but well-formed frames goes out, and typing does not chatter", async () => {
  const { anna, seeker, line, end } = await talking();
  await seeker.page.locator("#chat-message").pressSequentially("Ich tippe eine ganze Weile", { delay: 20 });
  await anna.page.locator(".team-typing", { hasText: /\S/ }).waitFor();
  assert.equal(line.sent.filter((f) => f.t === "typing").length, 1);
  assert.ok(!JSON.stringify(line.sent).includes("tippe"));
  await seeker.page.fill("#chat-message", "");
  await waitFor("the page says that typing has ended", () => line.sent.some((f) => f.t === "typing" && !f.on));
  await anna.say("Lesen Sie mit?");
  await seeker.reads("Hallo", "Lesen Sie mit?");
  await waitFor("reading is told", () => line.sent.some((f) => f.t === "read" && f.seq === 2));
  await end();
  expectQuiet(seeker.page);
});
