// Signing in by keyboard alone: password, second factor, passkey, recovery
// code, and what is left in the browser afterwards.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectAccessible, expectFocusVisible, expectQuiet, startBrowser, visit, waitFor } from "./harness.mjs";
import { authenticator, enter, fillBy, forgetKeys, leave, press, REFUSED, startNamed, totp, vault } from "./staff_kit.mjs";

let demo, browser;
before(async () => { demo = await startNamed(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); });

test("a wrong password and an unknown person get the same answer", async () => {
  const answers = [];
  for (const who of ["deniz@demo.example", "nobody@demo.example"]) {
    const page = await visit(browser, demo, "/team/anmelden");
    await fillBy(page, "E-Mail-Adresse", who);
    await fillBy(page, "Kennwort", "this is not the password");
    await page.keyboard.press("Enter");
    const alert = page.locator(".team-form__error .kern-alert");
    await alert.waitFor();
    await expectAccessible(page, "refused");
    expectQuiet(page, REFUSED);
    answers.push(await alert.textContent());
  }
  assert.equal(answers[0], answers[1]);
});

test("the password never leaves the browser, and the keys in it cannot be taken out", async () => {
  const page = await visit(browser, demo, "/team/konto");
  assert.match(page.url(), /\/team\/anmelden\?weiter=/);
  const sent = [];
  page.on("request", (request) => sent.push(request.url() + " " + (request.postData() ?? "")));
  await page.getByLabel("Kennwort").waitFor();
  await expectAccessible(page, "sign-in");
  await fillBy(page, "E-Mail-Adresse", demo.people.deniz.email);
  await expectFocusVisible(page);
  await fillBy(page, "Kennwort", demo.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/team/konto");
  await page.getByRole("heading", { name: "Passkeys" }).waitFor();
  await expectAccessible(page, "account");
  assert.ok(sent.some((line) => line.includes("/login")));
  assert.ok(!sent.some((line) => line.includes(demo.password)), "the password was sent");
  assert.deepEqual(await vault(page), { keys: 2, extractable: false });
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  await leave(page);
  await expectAccessible(page, "signed out");
  assert.deepEqual(await vault(page), { keys: 0, extractable: false });
  await page.goto(demo.url + "/team/konto");
  assert.match(page.url(), /\/team\/anmelden\?weiter=/);
  expectQuiet(page);
});

test("a link from elsewhere signs nobody out", async () => {
  const page = await enter(browser, demo, "deniz", "/team/konto");
  await page.goto(demo.url + "/team/abmelden");
  await page.getByText("Möchten Sie sich in diesem Browser abmelden?").waitFor();
  await expectAccessible(page, "sign-out question");
  await page.goto(demo.url + "/team/konto");
  await page.getByRole("heading", { name: "Passkeys" }).waitFor();
  expectQuiet(page);
});

test("a session without open keys asks for them, and for nothing else", async () => {
  const page = await enter(browser, demo, "deniz", "/team/konto");
  await page.getByRole("heading", { name: "Passkeys" }).waitFor();
  await forgetKeys(page);
  await page.goto(demo.url + "/team");
  await page.getByRole("heading", { name: "Schlüssel öffnen" }).waitFor();
  await expectAccessible(page, "unlock");
  await fillBy(page, "Kennwort", "this is not the password");
  await page.keyboard.press("Enter");
  await page.getByText("Das öffnet Ihre Schlüssel nicht.").waitFor();
  await fillBy(page, "Kennwort", demo.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/team");
  assert.equal((await vault(page)).keys, 2);
});

test("a code from an app is asked for once it is set up", async () => {
  const page = await enter(browser, demo, "clara", "/team/konto");
  await press(page, "App einrichten");
  const dialog = page.getByRole("dialog");
  const secret = (await dialog.locator(".team-code").textContent()).replaceAll(" ", "");
  assert.ok(await dialog.getByRole("img", { name: "QR-Code für die Authenticator-App" }).isVisible());
  await expectAccessible(page, "enrolment");
  await fillBy(page, "Code, den die App jetzt zeigt", totp(secret, Date.now() - 30_000));
  await page.keyboard.press("Enter");
  await page.getByText("Ab jetzt fragt die Anmeldung nach dem App-Code.").waitFor();
  expectQuiet(page);

  const other = await visit(browser, demo, "/team/anmelden");
  await fillBy(other, "E-Mail-Adresse", demo.people.clara.email);
  await fillBy(other, "Kennwort", demo.password);
  await other.keyboard.press("Enter");
  await other.getByRole("heading", { name: "Zweiter Schritt" }).waitFor();
  await expectAccessible(other, "second step");
  await fillBy(other, "Code aus der App", "000000");
  await other.keyboard.press("Enter");
  await other.locator(".team-form__error .kern-alert").waitFor();
  await fillBy(other, "Code aus der App", totp(secret));
  await other.keyboard.press("Enter");
  await other.waitForURL((url) => url.pathname === "/team");
  expectQuiet(other, REFUSED);
});

test("a passkey with a secret signs in and opens the keys", async () => {
  const page = await visit(browser, demo, "/team/anmelden?weiter=/team/konto");
  await authenticator(page, true);
  await signInHere(page, "bilal");
  await addPasskey(page, "Er meldet Sie an und öffnet Ihre Schlüssel.");
  await expectAccessible(page, "account with a passkey");
  await leave(page);
  await press(page, "Mit Passkey");
  await page.waitForURL((url) => url.pathname === "/team");
  assert.deepEqual(await vault(page), { keys: 2, extractable: false });

  await page.goto(demo.url + "/team/konto");
  await press(page, "Passkey Dieses Gerät entfernen");
  await page.getByText("Sie haben noch keinen Passkey.").waitFor();
  expectQuiet(page, REFUSED);
});

test("a passkey without a secret signs in and leaves the keys to the password", async () => {
  const page = await visit(browser, demo, "/team/anmelden?weiter=/team/konto");
  await authenticator(page, false);
  await signInHere(page, "oksana");
  await addPasskey(page, "die Schlüssel öffnen Sie weiter mit dem Kennwort.");
  await leave(page);
  await press(page, "Mit Passkey");
  await page.getByRole("heading", { name: "Schlüssel öffnen" }).waitFor();
  assert.equal((await vault(page)).keys, 0);
  await fillBy(page, "Kennwort", demo.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/team");
});

test("the recovery code opens the keys, forces a new password and ends other sign-ins", async () => {
  const page = await enter(browser, demo, "elif", "/team/konto");
  const other = await enter(browser, demo, "elif", "/team/konto");
  const code = await newRecoveryCode(page);
  await leave(page);
  await press(page, "Wiederherstellungscode verwenden");
  await expectAccessible(page, "recovery");
  await fillBy(page, "E-Mail-Adresse", demo.people.elif.email);
  await fillBy(page, "Wiederherstellungscode", code.toLowerCase().replaceAll("-", " "));
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Neues Kennwort" }).waitFor();
  await choosePassword(page, "elif-elif-demo");
  await page.getByText("Das Kennwort besteht fast nur aus").waitFor();
  await expectAccessible(page, "weak password");
  await choosePassword(page, "neun graue Wolken ziehen");
  await page.waitForURL((url) => url.pathname === "/team");
  assert.equal((await vault(page)).keys, 2);
  expectQuiet(page);
  await other.reload();
  await other.getByRole("heading", { name: "Anmelden", exact: true }).waitFor();
  await waitFor("the keys are wiped", async () => (await vault(other)).keys === 0);
});

test("ending another sign-in throws that browser out and wipes its keys", async () => {
  const page = await enter(browser, demo, "deniz", "/team/konto");
  const other = await enter(browser, demo, "deniz", "/team/konto");
  await other.getByRole("heading", { name: "Passkeys" }).waitFor();
  await page.reload();
  const rows = page.getByRole("button", { name: /^Anmeldung vom .* beenden$/ });
  await rows.first().waitFor();
  await expectAccessible(page, "sign-ins");
  for (let left = await rows.count(); left > 0; left--) {
    await press(page, /^Anmeldung vom .* beenden$/);
    await waitFor("the row is gone", async () => (await rows.count()) === left - 1);
  }
  await press(other, "Kennwort ändern");
  await fillBy(other, "Kennwort", demo.password);
  await other.keyboard.press("Enter");
  await other.getByRole("heading", { name: "Anmelden", exact: true }).waitFor();
  await waitFor("the keys are wiped", async () => (await vault(other)).keys === 0);
});

test("before silence ends the sign-in the page asks; afterwards the keys are gone", async () => {
  const page = await visit(browser, demo, "/team/anmelden?weiter=/team/konto");
  let left = 90_000;
  await page.route("**/api/v1/staff/session", async (route) => {
    const answer = await route.fetch();
    const body = await answer.json();
    body.session.idle_until = new Date(Date.now() + left).toISOString();
    await route.fulfill({ response: answer, json: body });
  });
  await signInHere(page, "oksana");
  const question = page.getByRole("dialog", { name: "Sind Sie noch da?" });
  await question.waitFor();
  await expectAccessible(page, "still there?");
  left = 30 * 60_000;
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "Passkeys" }).waitFor();
  assert.equal((await vault(page)).keys, 2, "a key press is somebody");
  left = 1_000;
  await page.reload();
  await page.getByRole("heading", { name: "Schlüssel öffnen" }).waitFor();
  assert.equal((await vault(page)).keys, 0);
  expectQuiet(page);
});

async function signInHere(page, key) {
  await fillBy(page, "E-Mail-Adresse", demo.people[key].email);
  await fillBy(page, "Kennwort", demo.password);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/team/konto");
}

async function addPasskey(page, told) {
  await press(page, "Passkey hinzufügen");
  await page.getByRole("dialog").waitFor();
  await expectAccessible(page, "step-up");
  await fillBy(page, "Kennwort", demo.password);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).waitFor();
  await page.keyboard.press("Enter");
  await page.getByText(told).waitFor();
}

async function choosePassword(page, text) {
  await fillBy(page, "Neues Kennwort", text);
  await fillBy(page, "Kennwort wiederholen", text);
  await page.keyboard.press("Enter");
}

async function newRecoveryCode(page) {
  await press(page, "Neuen Code erzeugen");
  await fillBy(page, "Kennwort", demo.password);
  await page.keyboard.press("Enter");
  const shown = page.locator(".team-code");
  await shown.waitFor();
  await expectAccessible(page, "recovery code");
  const code = await shown.textContent();
  await fillBy(page, "Letzte 7 Zeichen des Codes", "0000000");
  await page.keyboard.press("Enter");
  await page.getByText("Das sind nicht die letzten 7 Zeichen des Codes.").waitFor();
  await fillBy(page, "Letzte 7 Zeichen des Codes", code.slice(-8));
  await page.keyboard.press("Enter");
  await page.getByText("Der neue Wiederherstellungscode gilt.").waitFor();
  return code;
}
