// Administration by keyboard: inviting, confirming a key in the browser, taking
// somebody out, team settings, centres, the audit log; and both directions of
// writing on narrow pages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectAccessible, expectQuiet, expectReflow, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";
import { enter, fillBy, press, tabTo, vault } from "./staff_kit.mjs";

let demo, browser;
before(async () => { demo = await startDemo(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); });

test("invite a person, set up the account, confirm the key, take it out again", async () => {
  const admin = await enter(browser, demo, "admin", "/team/konten");
  await admin.getByRole("table").waitFor();
  await expectAccessible(admin, "accounts");
  await press(admin, "Person einladen");
  const dialog = admin.getByRole("dialog");
  await dialog.waitFor();
  await expectAccessible(admin, "invite");
  await admin.keyboard.press("Tab");
  await fillBy(admin, "Name", "Nora Neu");
  await fillBy(admin, "E-Mail-Adresse", "nora@demo.example");
  const team = dialog.getByRole("group", { name: "Beratung", exact: true }).getByRole("checkbox", { name: /Schuldnerberatung/ });
  await tabTo(admin, team);
  await admin.keyboard.press("Space");
  await admin.keyboard.press("Enter");
  const stepUp = admin.getByRole("dialog", { name: "Bitte bestätigen" });
  const shown = admin.getByRole("dialog", { name: "Einladungslink für Nora Neu" });
  await stepUp.or(shown).first().waitFor();
  if (await stepUp.isVisible()) await confirm(admin);
  await shown.waitFor();
  await expectAccessible(admin, "invitation link");
  const link = await shown.getByLabel("Link", { exact: true }).inputValue();
  await admin.keyboard.press("Escape");

  const nora = await visit(browser, demo, "/team/anmelden");
  await nora.goto(demo.url + new URL(link).pathname + new URL(link).hash);
  await nora.getByRole("heading", { name: "Willkommen, Nora Neu" }).waitFor();
  assert.equal(await nora.evaluate(() => location.hash), "", "the token has left the address");
  await expectAccessible(nora, "invitation");
  await fillBy(nora, "Neues Kennwort", "zwölf runde Kiesel liegen");
  await fillBy(nora, "Kennwort wiederholen", "zwölf runde Kiesel liegen");
  await nora.keyboard.press("Enter");
  const code = nora.locator(".team-code");
  await code.waitFor();
  await expectAccessible(nora, "recovery code");
  await fillBy(nora, "Letzte 7 Zeichen des Codes", (await code.textContent()).slice(-8));
  await nora.keyboard.press("Enter");
  await nora.getByRole("heading", { name: "Ihr Konto ist eingerichtet" }).waitFor();
  await expectAccessible(nora, "account ready");
  assert.deepEqual(await vault(nora), { keys: 2, extractable: false });
  expectQuiet(nora);
  const again = await visit(browser, demo, "/team/einladung");
  await again.goto(demo.url + "/team/einladung" + new URL(link).hash);
  await again.reload();
  await again.locator(".kern-alert--danger").waitFor();
  await expectAccessible(again, "used invitation");

  const lead = await enter(browser, demo, "leitung", "/team/teams");
  await lead.getByRole("heading", { name: /^Sechs Wörter von/ }).waitFor();
  await expectAccessible(lead, "team");
  assert.equal(await lead.locator(".team-six li").count(), 6);
  await press(lead, "Nora Neu bestätigen");
  await lead.getByRole("dialog").waitFor();
  await expectAccessible(lead, "confirm a key");
  await lead.keyboard.press("Enter");
  await lead.getByText("Vergleichen Sie zuerst die Kennung.").waitFor();
  await lead.getByLabel("Ich habe die Kennung verglichen.").press("Space");
  await press(lead, "Unterschreiben");
  await confirmIfAsked(lead, "Unterschrieben.");
  await lead.getByRole("button", { name: "Nora Neu herausnehmen" }).waitFor();
  const words = await lead.locator(".team-six").textContent();
  await press(lead, "Nora Neu herausnehmen");
  await lead.getByRole("dialog").waitFor();
  await expectAccessible(lead, "take out");
  await lead.keyboard.press("Enter");
  await confirmIfAsked(lead, "Unterschrieben.");
  await lead.getByRole("button", { name: "Nora Neu bestätigen" }).waitFor();
  assert.equal(await lead.locator(".team-six").textContent(), words, "the six words belong to the beginning of the team");
  expectQuiet(lead, /status of 403/);
  expectQuiet(admin, /status of 403/);
});

test("an admin changes a team and attaches a centre", async () => {
  const admin = await enter(browser, demo, "admin", "/team/teams");
  await admin.getByRole("heading", { name: "Einstellungen" }).waitFor();
  await expectAccessible(admin, "teams");
  await fillBy(admin, "Höchstens so viele warten", "7");
  await admin.keyboard.press("Enter");
  await confirmIfAsked(admin, "Gespeichert.");
  await admin.reload();
  await admin.getByLabel("Höchstens so viele warten").waitFor();
  assert.equal(await admin.getByLabel("Höchstens so viele warten").inputValue(), "7");
  await fillBy(admin, "Stelle suchen", "Beratung");
  await admin.keyboard.press("Enter");
  const attach = admin.getByRole("button", { name: / zuordnen$/ });
  await waitFor("something is found", async () => /^Gefunden: [1-9]/.test(await admin.locator(".team-part", { hasText: "Stelle suchen" }).textContent().then((text) => text.match(/Gefunden: \d+/)?.[0] ?? "")));
  await expectAccessible(admin, "centres found");
  const before = await admin.getByRole("button", { name: / entfernen$/ }).count();
  await tabTo(admin, attach.first());
  await admin.keyboard.press("Enter");
  await confirmIfAsked(admin, "Gespeichert.");
  await waitFor("it is attached", async () => (await admin.getByRole("button", { name: / entfernen$/ }).count()) > before);
  expectQuiet(admin, /status of 403/);
});

test("an admin sets how long messages stay, and whoever leaves one is told before", async () => {
  const admin = await enter(browser, demo, "admin", "/team/teams");
  const field = admin.getByLabel("Nachrichten: Tage nach dem Ende");
  await field.waitFor();
  await fillBy(admin, "Nachrichten: Tage nach dem Ende", "366");
  await admin.keyboard.press("Enter");
  await admin.getByText("Bitte eine ganze Zahl in diesem Bereich eingeben").waitFor();
  await expectAccessible(admin, "a number out of range");
  await fillBy(admin, "Nachrichten: Tage nach dem Ende", "90");
  await admin.keyboard.press("Enter");
  await confirmIfAsked(admin, "Gespeichert.");
  await admin.getByText("90 Tage nach dem Ende", { exact: true }).waitFor();
  expectQuiet(admin, /status of 403/);
  const seeker = await visit(browser, demo, "/de/chat?topic=sucht&language=de&postcode=50667");
  await seeker.getByText(/ nach dem Ende wird alles gelöscht\.$/).waitFor();
  const rather = seeker.getByRole("button", { name: "Lieber eine Nachricht hinterlassen" });
  if (await rather.isVisible()) await rather.click();
  await seeker.getByText("90 Tage nach dem Ende wird alles gelöscht.").waitFor();
  await expectAccessible(seeker, "told before writing");
});

test("the audit log shows who did what and that nothing is missing", async () => {
  const auditor = await enter(browser, demo, "pruefung", "/team/pruefpfad");
  await auditor.getByText("Die Kette ist vollständig").waitFor();
  await expectAccessible(auditor, "audit");
  await fillBy(auditor, "Was", "session.begun");
  await auditor.keyboard.press("Enter");
  await waitFor("the list is filtered", async () => {
    const actions = await auditor.locator("tbody tr td:nth-of-type(3)").allTextContents();
    return actions.length > 0 && actions.every((text) => text === "session.begun");
  });
  expectQuiet(auditor);
});

test("a page that is not mine is refused", async () => {
  const anna = await enter(browser, demo, "anna", "/team/konto");
  for (const path of ["/team/konten", "/team/teams", "/team/pruefpfad"]) {
    const answer = await anna.goto(demo.url + path);
    assert.equal(answer.status(), 403, path);
  }
});

for (const [name, options] of Object.entries({
  "arabic, wide": { viewport: { width: 1280, height: 860 } },
  "arabic, 320 px, dark": { viewport: { width: 320, height: 700 }, colorScheme: "dark" },
  "arabic, forced colours": { viewport: { width: 1280, height: 860 }, forcedColors: "active" },
})) {
  test("every page of the staff, " + name, async () => {
    const lead = await enter(browser, demo, "leitung", "/team/konto", options);
    const admin = await enter(browser, demo, "admin", "/team/konto", options);
    const anna = await enter(browser, demo, "anna", "/team/konto", options);
    for (const [page, path, ready] of [
      [lead, "/team/teams", ".team-six"], [admin, "/team/konten", "table"], [admin, "/team/teams", ".team-form"],
      [anna, "/team/konto", "table"], [anna, "/team", "[data-line=online]"],
    ]) {
      await page.goto(demo.url + path + "?lang=ar");
      await page.locator(ready).first().waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
      await expectReflow(page);
      await expectAccessible(page, path + ", " + name);
      expectQuiet(page);
    }
  });
}

/** confirm answers the question who is there. */
async function confirm(page) {
  await fillBy(page, "Kennwort", demo.password);
  await page.keyboard.press("Enter");
}

/** confirmIfAsked waits for what is told at the end, and for the question before it when it comes. */
async function confirmIfAsked(page, told) {
  const stepUp = page.getByRole("dialog", { name: "Bitte bestätigen" });
  const end = page.locator(".team-toast", { hasText: told });
  await stepUp.or(end).first().waitFor();
  if (await stepUp.isVisible()) await confirm(page);
  await end.waitFor();
  await page.locator(".team-toast .kern-alert").waitFor({ state: "detached" });
}
