// The board of data quality, the white spots and the remark beside a broken link:
// accessible and within the window, by keyboard, without script, right to left, on
// a phone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectAccessible, expectQuiet, expectReflow, startBrowser, startDemo, visit } from "./harness.mjs";
import { enter, tabTo } from "./staff_kit.mjs";

let demo, browser;
before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
});
after(async () => { await browser?.close(); await demo?.stop(); });

const PHONE = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
const personOf = (role) => Object.keys(demo.people).find((key) => demo.people[key].role === role);

for (const [lang, look] of [["de", {}], ["de-simple", PHONE], ["en", { forcedColors: "active" }], ["ar", PHONE]]) {
  test(`${lang}: the white spots are accessible, within the window, quiet, and keep nothing`, async () => {
    const page = await visit(browser, demo, `/${lang}/abdeckung?topic=schulden`, look);
    await expectAccessible(page, `${lang} /abdeckung`);
    await expectReflow(page);
    assert.equal(await page.getAttribute("html", "dir"), lang === "ar" ? "rtl" : "ltr");
    assert.equal(await page.locator("tbody tr").count(), 17, "16 Länder and the country");
    assert.ok(await page.locator(".map__picture").evaluate((img) => img.complete && img.naturalWidth > 0), "the picture is there");
    assert.deepEqual(await page.context().cookies(), []);
    expectQuiet(page);
    await page.context().close();
  });
}

test("a topic is chosen by keyboard, without script, and its list is a file", async () => {
  const page = await visit(browser, demo, "/de/stellen", { javaScriptEnabled: false });
  await page.getByRole("link", { name: /weißen Flecken/ }).click();
  await tabTo(page, page.getByLabel("Thema"));
  await page.keyboard.press("ArrowDown");
  const chosen = await page.getByLabel("Thema").locator("option:checked").innerText();
  await tabTo(page, page.getByRole("button", { name: "Anzeigen" }));
  await page.keyboard.press("Enter");
  await page.waitForURL(/topic=/);
  assert.equal(await page.locator("#result").innerText(), chosen);
  const row = await page.locator("tbody tr").last().innerText();
  const numbers = row.match(/\d+/g).map(Number);
  assert.equal(numbers[0] + numbers[1] + numbers[2], 8309, row);
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: /CSV/ }).click()]);
  assert.match(file.suggestedFilename(), /^abdeckung-.*\.csv$/);
  await page.context().close();
});

test("all topics stand in the footer of every page", async () => {
  const page = await visit(browser, demo, "/de/", { javaScriptEnabled: false });
  await page.getByRole("contentinfo").getByRole("link", { name: "Themen und Leistungen" }).click();
  assert.equal(await page.locator("main section").filter({ has: page.locator(".services") }).count(), 11);
  await page.context().close();
});

for (const role of ["admin", "supervisor"]) {
  test(`the board, for the ${role}: by keyboard from the menu to a centre`, async () => {
    const page = await enter(browser, demo, personOf(role), "/team/teams");
    await tabTo(page, page.getByRole("link", { name: "Datenqualität" }));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/team\/qualitaet$/);
    await expectAccessible(page, "/team/qualitaet " + role);
    assert.match(await page.locator("main").innerText(), /Links prüft dieser Server nicht/);
    const first = page.locator("table a").first();
    const list = (await first.getAttribute("href")).slice(1);
    await first.press("Enter");
    const centre = page.locator(`section:has(#${list}) li a`).first();
    const name = await centre.innerText();
    await centre.press("Enter");
    await page.waitForURL(/\/stellen\//);
    assert.equal(await page.locator("h1").innerText(), name);
    expectQuiet(page);
    await page.context().close();
  });
}

test("the board works on a phone and right to left", async () => {
  const page = await enter(browser, demo, personOf("admin"), "/team/teams");
  await page.setViewportSize(PHONE.viewport);
  for (const lang of ["de", "de-simple", "en", "ar"]) {
    await page.goto(`${demo.url}/team/qualitaet?lang=${lang}`);
    await expectAccessible(page, "/team/qualitaet " + lang);
    await expectReflow(page);
    assert.equal(await page.getAttribute("html", "dir"), lang === "ar" ? "rtl" : "ltr");
  }
  await page.context().close();
});
