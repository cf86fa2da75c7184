// Upkeep of the directory: a centre confirms and changes its entry through the link
// in a real mail, with and without script, on a phone, from right to left; staff look
// it through, take changes back and settle duplicates.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { expectAccessible, expectFocusVisible, expectQuiet, expectReflow, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";
import { REFUSED, enter, press, tabTo } from "./staff_kit.mjs";

const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const ROOT = path.resolve(import.meta.dirname, "../..");

let post, demo, browser, lead, admin;
before(async () => {
  post = await startPost();
  demo = await startDemo({ LOTSE_MAIL_SMTP: post.address, LOTSE_MAIL_TLS: "none", LOTSE_MAIL_FROM: "stellen@demo.example" });
  browser = await startBrowser();
  const file = path.join(post.dir, "twins.csv");
  writeFileSync(file, "source,source_id,name,operator,street,plz,city,state,phone,topics\n" +
    "zwei,1,Lotse-Demo Schuldnerberatung Köln,Lotse-Demo Beratungsverbund,Beispielgasse 1,50667,Köln,Nordrhein-Westfalen,0221 4710 101,schulden\n");
  demo.run("import", "centres", file);
  lead = await session("leitung");
  admin = await session("admin");
  for (const name of ["Lotse-Demo Sozialberatung Köln", "Lotse-Demo Schuldnerberatung Köln"]) await ask(name);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  await post?.stop();
});

/** startPost starts a mail server of Debian's on a free port. */
async function startPost() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  const dir = mkdtempSync(path.join(tmpdir(), "lotse-post-"));
  const child = spawn("/usr/bin/python3", [path.join(ROOT, "internal/testenv/smtp.py"), dir, String(port), "plain"], { stdio: ["pipe", "ignore", "inherit"] });
  await waitFor("the mail server listens", () => new Promise((done) => {
    const line = connect(port, "127.0.0.1", () => { line.destroy(); done(true); }).on("error", () => done(false));
  }));
  const stop = async () => {
    child.stdin.end();
    await once(child, "exit");
    rmSync(dir, { recursive: true, force: true });
  };
  return { address: "127.0.0.1:" + port, dir, stop };
}

async function session(key) {
  const page = await enter(browser, demo, key, "/team/eintraege");
  const state = await page.context().storageState();
  await page.context().close();
  return state;
}

/** ask lets the admin ask a centre by mail. */
async function ask(name) {
  const page = await open("/team/eintraege", admin);
  await page.getByRole("region", { name: "Alle Einträge" }).getByRole("link", { name }).click();
  await page.getByRole("button", { name: "Per Mail nachfragen" }).click();
  await page.getByText("Die Mail geht in den nächsten Minuten hinaus.").waitFor();
  await page.context().close();
}

/** linkTo waits for the mail to an address and returns the path of its link. */
async function linkTo(address) {
  const letter = await waitFor("a mail to " + address, () => readdirSync(post.dir).filter((name) => name.endsWith(".eml"))
    .map((name) => readFileSync(path.join(post.dir, name), "utf8")).find((text) => text.includes(`To: <${address}>`)));
  const text = letter.replace(/=\r?\n/g, "").replace(/=3D/g, "=");
  assert.match(letter, /Auto-Submitted: auto-generated/);
  return /\/de\/angaben\/[\w-]{43}/.exec(text)[0];
}

const open = (address, state, options = {}) => visit(browser, demo, address, { storageState: state, ...options });

test("one click confirms, on a phone, by keyboard, and a look alone does not", async () => {
  const link = await linkTo("sozial.koeln@demo.example");
  const page = await visit(browser, demo, link, PHONE);
  await page.getByRole("heading", { name: "Stimmen Ihre Angaben noch?" }).waitFor();
  await expectAccessible(page);
  await expectReflow(page);
  assert.deepEqual(await page.context().cookies(), []);
  await page.reload();
  await press(page, "Ja, alles stimmt");
  await page.getByText(/Danke! Bestätigt am/).waitFor();
  await expectAccessible(page, "confirmed");
  assert.deepEqual(await page.context().cookies(), []);
  expectQuiet(page);
});

test("from right to left", async () => {
  const link = await linkTo("sozial.koeln@demo.example");
  const page = await visit(browser, demo, link.replace("/de/", "/ar/"), PHONE);
  assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
  await expectAccessible(page);
  await expectReflow(page);
  await page.locator("button[value=edit]").click();
  await page.waitForURL(/\/ar\/angaben$/);
  await expectAccessible(page, "the editor");
  await expectReflow(page);
  expectQuiet(page);
});

test("a centre changes its hours without script; staff look, send back, and approve", async () => {
  const link = await linkTo("schulden.koeln@demo.example");
  const page = await visit(browser, demo, link, { javaScriptEnabled: false });
  await page.getByRole("button", { name: "Etwas ändern" }).click();
  await page.waitForURL(/\/de\/angaben$/);
  await page.getByText(/Vollständig zu \d+ von 100/).waitFor();
  const hours = page.getByRole("textbox", { name: "Öffnungszeiten" });
  await hours.fill("immer mal");
  await page.getByRole("button", { name: "Zur Prüfung geben" }).click();
  await page.getByRole("alert").getByRole("link", { name: /Öffnungszeiten: Diese Zeiten können wir nicht lesen/ }).click();
  assert.equal(await hours.inputValue(), "immer mal");
  await hours.fill("Mo-Su 10:15-11:45");
  await page.getByRole("button", { name: "Prüfen, ohne zu speichern" }).click();
  await page.getByText("Das heißt für die nächsten sieben Tage:").waitFor();
  assert.match(await page.getByRole("main").innerText(), /Montag, [\d.]+: 10:15–11:45/);
  await page.getByRole("button", { name: "Zur Prüfung geben" }).click();
  await page.getByText("Die Änderungen warten jetzt auf die Prüfung. Danke!").waitFor();

  const staff = await open("/team/eintraege", lead);
  await expectAccessible(staff);
  await staff.getByRole("region", { name: "Zur Prüfung" }).getByRole("link", { name: "Lotse-Demo Schuldnerberatung Köln" }).click();
  await staff.getByText("Mo-Su 10:15-11:45").waitFor();
  await expectAccessible(staff, "the review");
  await press(staff, "Zurückgeben");
  await staff.getByText(/Bitte schreiben Sie kurz/).waitFor();
  await expectAccessible(staff, "the review with an error");
  await staff.getByLabel("Was soll anders werden?").fill("Auch sonntags?");
  await press(staff, "Zurückgeben");
  await staff.getByText("Zurückgegeben.").waitFor();

  await page.reload();
  await page.getByText("Auch sonntags?").waitFor();
  await hours.fill("Mo-Sa 10:15-11:45");
  await page.getByRole("button", { name: "Zur Prüfung geben" }).click();
  await staff.goto(demo.url + "/team/eintraege");
  await staff.getByRole("region", { name: "Zur Prüfung" }).getByRole("link").first().click();
  await press(staff, "Freigeben und veröffentlichen");
  await staff.getByText("Freigegeben. Der Eintrag ist veröffentlicht.").waitFor();
  expectQuiet(staff, REFUSED);
});

test("staff publish, are told of a colleague's change, and take a change back", async () => {
  const page = await open("/team/eintraege", lead);
  await page.getByRole("region", { name: "Alle Einträge" }).getByRole("link", { name: "Lotse-Demo Suchtberatung Köln" }).click();
  await page.getByRole("heading", { name: /Eintrag bearbeiten/ }).waitFor();
  await expectAccessible(page);
  const other = await open(new URL(page.url()).pathname, admin);
  await other.getByLabel("Wartezeit").fill("zwei Wochen");
  await press(other, "Veröffentlichen");
  await other.getByText("Der Eintrag ist veröffentlicht.").waitFor();
  await page.getByLabel("Hinweis, was gerade anders ist").fill("Heute nur am Telefon");
  await press(page, "Veröffentlichen");
  await page.getByText("Jemand hat den Eintrag inzwischen geändert").waitFor();
  await expectAccessible(page, "the conflict");
  assert.equal(await page.getByLabel("Hinweis, was gerade anders ist").inputValue(), "Heute nur am Telefon");
  await page.getByRole("link", { name: "Verlauf" }).click();
  await page.getByText("zwei Wochen").waitFor();
  await expectAccessible(page, "the history");
  const undo = page.getByRole("button", { name: /Änderung an Wartezeit/ }).first();
  await tabTo(page, undo);
  await expectFocusVisible(page);
  await page.keyboard.press("Enter");
  await page.getByText("Die Änderung ist zurückgenommen.").waitFor();
  expectQuiet(page, /status of 409/);
});

test("a stated appointment and a catchment: refused with a reason, told back, and shown to seekers", async () => {
  const page = await open("/team/eintraege", lead);
  await page.getByRole("region", { name: "Alle Einträge" }).getByRole("link", { name: "Lotse-Demo Suchtberatung Köln" }).click();
  const areas = page.getByRole("textbox", { name: "Einzugsgebiet" });
  await areas.fill("50667\n51149-50441");
  await page.getByLabel("Nächster freier Termin: Uhrzeit").fill("14:00");
  await page.getByRole("button", { name: "Veröffentlichen" }).click();
  const alert = page.getByRole("alert");
  await alert.getByRole("link", { name: /Einzugsgebiet: Bei „51149-50441“ stehen die Enden verkehrt herum/ }).waitFor();
  await alert.getByRole("link", { name: /Nächster freier Termin: Tag: Bitte einen Tag angeben/ }).waitFor();
  await expectAccessible(page, "the form with errors");
  await areas.fill("50441-51149");
  const day = new Date(Date.now() + 4 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("Nächster freier Termin: Tag").fill(day);
  await page.getByLabel("Freie Plätze", { exact: true }).fill("0");
  await page.getByRole("button", { name: "Prüfen, ohne zu speichern" }).click();
  await page.getByText(/^Das sind \d+ Postleitzahlen\.$/).waitFor();
  await page.getByRole("button", { name: "Veröffentlichen" }).click();
  await page.getByText("Der Eintrag ist veröffentlicht.").waitFor();
  await page.getByText("Termin und freie Plätze gelten weiter (Stand heute)").waitFor();
  await expectAccessible(page, "the form with what is stated");
  await page.getByRole("link", { name: "Öffentliche Seite" }).click();
  await page.getByText(/Nächster freier Termin: .* um 14:00 Uhr \(laut Stelle, Stand/).waitFor();
  await expectAccessible(page, "the page of the centre");
  for (const [lang, words] of [["de", "Nächster freier Termin"], ["ar", "أقرب موعد متاح"]]) {
    const seeker = await visit(browser, demo, `/${lang}/stellen?q=alkohol+50667`, PHONE);
    await seeker.getByText(words).first().waitFor();
    await expectAccessible(seeker, lang);
    await expectReflow(seeker);
    await seeker.context().close();
  }
  expectQuiet(page, /status of 422/);
});

test("duplicates side by side: merged by choice, undone, and told apart", async () => {
  const page = await waitFor("the pair is found", async () => {
    const page = await open("/team/dubletten", lead);
    if (await page.getByText(/Ähnlichkeit \d+ von 100/).count()) return page;
    await page.context().close();
  });
  await expectAccessible(page);
  await press(page, "Zusammenführen");
  await page.getByText("Zusammengeführt. Sie können das unten rückgängig machen.").waitFor();
  await expectAccessible(page, "merged");
  await press(page, /rückgängig machen$/);
  await page.getByText("Die Zusammenführung ist rückgängig gemacht.").waitFor();
  await press(page, "Nicht dasselbe");
  await page.getByText("Keine doppelten Einträge gefunden.").waitFor();
  expectQuiet(page);
});

test("the staff's pages on a phone and from right to left", async () => {
  for (const address of ["/team/eintraege?lang=ar", "/team/dubletten?lang=ar"]) {
    const page = await open(address, admin, PHONE);
    assert.equal(await page.evaluate(() => document.documentElement.dir), "rtl");
    await expectAccessible(page);
    await expectReflow(page);
    await page.context().close();
  }
});
