// The roster: a supervisor plans by keyboard in the dialog, without script with
// ordinary forms, and beside a colleague; every page in every look.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectAccessible, expectFocusVisible, expectQuiet, expectReflow, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";
import { REFUSED, enter, fillBy, press, tabTo } from "./staff_kit.mjs";

let demo, browser, session;
before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  const page = await enter(browser, demo, "leitung", "/team/dienstplan");
  session = await page.context().storageState();
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** open shows a page of the planner as the supervisor, who is signed in. */
async function open(path = "", options = {}) {
  return visit(browser, demo, "/team/dienstplan" + path, { storageState: session, ...options });
}

/** inWeeks is the address of the week that many weeks ahead, which the demo has left empty. */
function inWeeks(n, more = "") {
  const day = new Date(Date.now() + n * 7 * 864e5).toISOString().slice(0, 10);
  return `?tag=${day}${more}`;
}

const focused = (page) => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);

test("a week from nothing to published, by keyboard alone", async () => {
  const page = await open(inWeeks(6));
  await page.getByText("Noch keine Schichten.").waitFor();
  await tabTo(page, page.getByRole("link", { name: "Neue Schicht am Dienstag" }));
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await expectAccessible(page, "the dialog");

  await fillBy(page, "Beginn", "0800AM");
  await fillBy(page, "Ende", "0800AM");
  await press(page, "Schicht anlegen");
  await dialog.getByRole("alert").getByText("Das Ende muss nach dem Beginn liegen.").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "errors");
  await expectAccessible(page, "the dialog with an error");
  await fillBy(page, "Ende", "1230PM");
  await press(page, "Schicht anlegen");
  await dialog.getByText("Schicht angelegt. Wer soll Dienst haben?").waitFor();
  await press(page, /^\S.* einteilen$/);
  await dialog.getByText("Eingeteilt.", { exact: true }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "leute");
  await page.keyboard.press("Escape");

  const card = page.locator(".card");
  await card.getByText("Entwurf: neu").waitFor();
  assert.match(await card.innerText(), /08:00–12:30[^]*1 von 1/);
  await tabTo(page, page.getByRole("link", { name: "Ansehen und veröffentlichen" }));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Änderungen veröffentlichen" }).waitFor();
  await expectAccessible(page);
  await press(page, "Eine Änderung veröffentlichen");
  await page.getByText("Eine Änderung veröffentlicht.").waitFor();
  assert.doesNotMatch(page.url(), /meldung/);
  expectQuiet(page, REFUSED);
});

test("arrow keys lead through the table, Escape back to where one was", async () => {
  const page = await open();
  const first = page.locator("[data-grid] td a").first();
  await tabTo(page, first);
  const start = await focused(page);
  await page.keyboard.press("ArrowDown");
  const below = await focused(page);
  assert.notEqual(below, start);
  await expectFocusVisible(page);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await waitFor("the focus is back", async () => await focused(page) === below);
  await page.keyboard.press("ArrowUp");
  assert.equal(await focused(page), start);
  await page.keyboard.press("End");
  await page.keyboard.press("Home");
  assert.match(await focused(page), /^Neue Schicht am /);
  expectQuiet(page);
});

test("a colleague's change appears, and a clash shows both versions", async () => {
  const one = await open(inWeeks(7)), two = await open(inWeeks(7));
  await one.getByRole("link", { name: "Neue Schicht am Montag" }).click();
  await one.getByRole("button", { name: "Schicht anlegen" }).click();
  await one.getByText("Schicht angelegt.").waitFor();
  await two.locator(".card").waitFor();
  await two.getByRole("status").getByText("Der Plan wurde gerade geändert.").waitFor();

  await two.locator(".card__hours").click();
  await two.getByLabel("Hinweis für das Team").fill("von zwei");
  await one.getByLabel("Hinweis für das Team").fill("von eins");
  await one.getByRole("button", { name: "Als Entwurf speichern" }).click();
  await one.getByRole("status").getByText("Entwurf gespeichert.").waitFor();
  await two.getByRole("button", { name: "Als Entwurf speichern" }).click();
  const alarm = two.getByRole("alert");
  await alarm.getByText("Jemand war schneller").waitFor();
  assert.match(await alarm.innerText(), /von zwei[^]*von eins/);
  await expectAccessible(two, "the clash");
  await two.getByRole("button", { name: "Trotzdem meine Fassung speichern" }).click();
  await one.locator(".card").getByText("von zwei").waitFor();
  expectQuiet(one);
  expectQuiet(two, /status of 409/);
});

test("without script everything is an ordinary page", async () => {
  const page = await open(inWeeks(8), { javaScriptEnabled: false });
  await page.getByRole("link", { name: "Neue Schicht am Mittwoch" }).click();
  await page.getByLabel("Beginn").fill("22:00");
  await page.getByLabel("Ende").fill("06:00");
  await page.getByRole("button", { name: "Schicht anlegen" }).click();
  await page.getByRole("button", { name: /einteilen$/ }).first().click();
  await page.getByText("Eingeteilt.", { exact: true }).waitFor();
  await page.getByLabel("Auf welchen Tag?").fill(await page.getByLabel("Tag", { exact: true }).inputValue());
  await page.getByRole("button", { name: "Dorthin kopieren" }).click();
  await page.getByText("Schicht kopiert.").waitFor();
  assert.equal(await page.locator(".card").count(), 2);
  await page.getByRole("link", { name: "Vorlagen und Kopien" }).click();
  await page.getByLabel("Name der Vorlage").fill("Nachtwoche");
  await page.getByRole("button", { name: "Vorlage speichern" }).click();
  await page.getByText("Vorlage gespeichert.").waitFor();
  await page.getByRole("link", { name: "Vertretung" }).click();
  await page.getByLabel("Wer springt ein?").selectOption({ index: 1 });
  await page.getByRole("button", { name: "Sofort eintragen" }).click();
  await page.getByText("Sie gilt sofort.").waitFor();
  await page.getByRole("button", { name: /^Aufheben/ }).first().click();
  await page.getByText("Vertretung aufgehoben.").waitFor();
});

test("a counsellor sees the own duties and enters an absence", async () => {
  const counsellor = Object.entries(demo.people).find(([, p]) => p.role === "counsellor")[0];
  const page = await enter(browser, demo, counsellor, "/team/dienstplan");
  await page.getByRole("heading", { name: "Meine Dienste" }).waitFor();
  await expectAccessible(page);
  await page.getByRole("link", { name: "Abwesenheit eintragen" }).click();
  await page.getByLabel("Grund").selectOption("training");
  await page.getByRole("button", { name: "Sofort eintragen" }).click();
  await page.getByText("Abwesenheit eingetragen.").waitFor();
  await page.getByRole("button", { name: /^Abwesenheit aufheben/ }).first().click();
  await page.getByText("Abwesenheit aufgehoben.").waitFor();
  expectQuiet(page);
});

const PAGES = ["", "?ansicht=personen", "/schicht", "/vorlagen", "/vertretung", "/abwesenheit", "/verlauf", "/veroeffentlichen", "/meine"];

const LOOKS = {
  "light, German": ["de", { colorScheme: "light" }],
  "dark, Arabic": ["ar", { colorScheme: "dark" }],
  "narrow, plain German": ["de-simple", { viewport: { width: 320, height: 640 } }],
  "narrow, dark, Arabic": ["ar", { viewport: { width: 320, height: 640 }, colorScheme: "dark" }],
  "forced colours, English": ["en", { viewport: { width: 800, height: 700 }, forcedColors: "active", reducedMotion: "reduce" }],
};

for (const [look, [lang, options]] of Object.entries(LOOKS)) {
  test("every page: " + look, async () => {
    const page = await open(`?lang=${lang}`, options);
    const shift = await page.locator(".card__hours").first().evaluate((a) => a.href);
    for (const address of [...PAGES.map((path) => `${demo.url}/team/dienstplan${path}${path.includes("?") ? "&" : "?"}lang=${lang}`), shift]) {
      await page.goto(address);
      await expectReflow(page);
      await expectAccessible(page);
    }
    expectQuiet(page);
    await page.context().close();
  });
}
