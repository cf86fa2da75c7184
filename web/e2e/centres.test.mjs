// The search for centres, the page of a centre and the pages of the services: in
// every state accessible and within the window, with the keyboard, without
// script, right to left, on a phone and on paper.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectAccessible, expectFocusVisible, expectQuiet, expectReflow, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";

let demo, browser, debt, refuge;
before(async () => {
  demo = await startDemo();
  browser = await startBrowser();
  const first = async (q) => (await (await fetch(`${demo.url}/api/v1/centres?q=${encodeURIComponent(q)}`)).json()).results[0].id;
  debt = await first("schulden 50667");
  refuge = await first("frauenhaus");
});
after(async () => { await browser?.close(); await demo?.stop(); });

const NEED = "hab nur noch rechnungen und der gerichtsvollzieher kommt 50667";
const states = () => [
  "stellen", `stellen?q=${encodeURIComponent(NEED)}`, "stellen?q=schulden&without=schulden&open=1&speaks=ar&accessible=step_free",
  "stellen?topic=schulden&postcode=17489", "stellen?postcode=123", "stellen?q=ich+will+nicht+mehr+leben", "stellen?q=xqzv",
  `stellen/${debt}`, `stellen/${refuge}`, `feedback?seite=stellen/${debt}`, "themen", "themen/gesundheit", "themen/schuldnerberatung",
];
const LOOKS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  narrow: { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
  contrast: { viewport: { width: 800, height: 700 }, forcedColors: "active", reducedMotion: "reduce" },
};
const REFUSED = /status of 422/;

for (const [lang, look] of [["de", "desktop"], ["de-simple", "phone"], ["en", "contrast"], ["de", "narrow"], ["ar", "narrow"]]) {
  test(`${lang}, ${look}: every state is accessible, within the window, quiet, and keeps nothing`, async () => {
    const page = await visit(browser, demo, `/${lang}/stellen`, LOOKS[look]);
    for (const state of states()) {
      await page.goto(`${demo.url}/${lang}/${state}`);
      await expectAccessible(page, `${lang} ${look} /${state}`);
      await expectReflow(page);
    }
    assert.equal(await page.getAttribute("html", "dir"), lang === "ar" ? "rtl" : "ltr");
    assert.deepEqual(await page.context().cookies(), []);
    assert.deepEqual(await page.evaluate(() => ({ ...sessionStorage, ...localStorage })), {});
    expectQuiet(page, REFUSED);
    await page.context().close();
  });
}

test("one's own words lead to a centre, without script", async () => {
  const page = await visit(browser, demo, "/de/stellen", { javaScriptEnabled: false });
  await page.fill("#q", NEED);
  await page.getByRole("button", { name: "Stellen anzeigen" }).click();
  assert.match(page.url(), /\/de\/stellen\?q=hab/, "the query is the address");
  assert.match(await page.locator(".chip").first().innerText(), /Schulden/);
  const card = page.locator(".centre").first();
  assert.match(await card.innerText(), /Schuldnerberatung Köln[^]*Zuständig für Ihren Ort[^]*Chat/);
  assert.match(await card.innerText(), /geöffnet|Öffnet/);
  await card.getByRole("link").first().click();
  assert.match(await page.locator("h1").innerText(), /Schuldnerberatung Köln/);
  assert.equal(await page.locator(".week tbody tr").count(), 7);
  await page.getByRole("link", { name: /Angaben stimmen nicht/ }).click();
  await page.fill("#text", "Die Nummer ist falsch.");
  await page.getByRole("button", { name: /senden|absenden/i }).click();
  assert.match(page.url(), /danke/);
  await page.context().close();
});

test("a topic can be taken away and taken back", async () => {
  const page = await visit(browser, demo, "/de/stellen?q=schulden+und+alkohol+50667", { javaScriptEnabled: false });
  const before = await page.locator(".chip").count();
  await page.locator(".chip", { hasText: "Schulden" }).click();
  assert.equal(await page.locator(".chip", { hasText: "Schulden" }).count(), 0);
  assert.equal(await page.locator(".chip", { hasText: "Alkohol" }).count(), 1, "the other stays");
  await page.getByRole("button", { name: "Stellen anzeigen" }).click();
  assert.equal(await page.locator(".chip", { hasText: "Schulden" }).count(), 0, "the form remembers");
  await page.getByRole("link", { name: /^Schulden/ }).click();
  assert.equal(await page.locator(".chip").count(), before);
  await page.context().close();
});

test("filters work without script and can be left again", async () => {
  const page = await visit(browser, demo, "/de/stellen?topic=schulden&postcode=50667", { javaScriptEnabled: false });
  await page.selectOption("#speaks", "vi");
  await page.getByRole("button", { name: "Stellen anzeigen" }).click();
  assert.equal(await page.inputValue("#speaks"), "vi");
  await page.getByRole("link", { name: "Ohne diese Auswahl suchen" }).click();
  assert.equal(await page.inputValue("#speaks"), "");
  assert.ok(await page.locator(".centre").count() > 0);
  await page.context().close();
});

test("suggestions are a combobox that the keyboard works", async () => {
  const page = await visit(browser, demo, "/de/stellen");
  const box = page.getByRole("combobox", { name: /Worum geht es/ });
  await box.pressSequentially("schuld");
  const list = page.getByRole("listbox");
  await list.waitFor();
  await waitFor("the number is said", async () => /Vorschl/.test(await page.locator("[data-suggest=''] [role=status]").innerText()));
  assert.equal(await box.getAttribute("aria-expanded"), "true");
  await expectAccessible(page, "open suggestions");
  await box.press("ArrowDown");
  const marked = await box.getAttribute("aria-activedescendant");
  assert.equal(await page.locator("#" + marked).getAttribute("aria-selected"), "true");
  await expectFocusVisible(page);
  await box.press("ArrowUp");
  assert.equal(await box.getAttribute("aria-activedescendant"), null, "back in the box");
  await box.press("Escape");
  assert.equal(await box.getAttribute("aria-expanded"), "false");
  assert.equal(await box.inputValue(), "schuld", "nothing is chosen by itself");
  await box.press("ArrowDown");
  await list.waitFor();
  await box.press("ArrowDown");
  const text = await page.locator("[role=option][aria-selected=true]").getAttribute("data-text");
  await box.press("Enter");
  assert.equal(await box.inputValue(), text);
  assert.match(page.url(), /stellen$/, "choosing does not send");
  await box.press("Enter");
  await page.waitForURL(/\?q=/);
  expectQuiet(page);
  await page.context().close();
});

test("places are suggested to the finger, right to left as well", async () => {
  const page = await visit(browser, demo, "/ar/stellen", LOOKS.phone);
  const box = page.locator("#postcode");
  await box.pressSequentially("köl");
  const option = page.locator(".suggest__option").first();
  await option.waitFor();
  await expectReflow(page);
  await option.tap();
  assert.equal(await box.inputValue(), "Köln");
  expectQuiet(page);
  await page.context().close();
});

test("without the server the box stays a box", async () => {
  const page = await visit(browser, demo, "/de/stellen");
  await page.route("**/api/v1/suggest*", (route) => route.abort());
  const failed = page.waitForEvent("requestfailed");
  await page.locator("#q").pressSequentially("schuld");
  await failed;
  assert.equal(await page.locator(".suggest__option").count(), 0);
  await page.locator("#q").press("Enter");
  await page.waitForURL(/q=schuld/);
  await page.context().close();
});

test("the keyboard reaches everything on the page of a centre", async () => {
  for (const look of ["desktop", "narrow"]) {
    const page = await visit(browser, demo, `/de/stellen/${debt}`, LOOKS[look]);
    const wanted = await page.locator("a[href]:visible, button:visible, summary:visible").count();
    const reached = new Set();
    for (let i = 0; i <= wanted; i++) {
      await page.keyboard.press("Tab");
      await expectFocusVisible(page);
      reached.add(await page.evaluate(() => [...document.querySelectorAll("*")].indexOf(document.activeElement)));
    }
    assert.ok(reached.size >= wanted, `${reached.size} of ${wanted} were reached`);
    await page.context().close();
  }
});

test("pictures are drawn and nothing of them comes from elsewhere", async () => {
  const page = await visit(browser, demo, `/de/stellen/${debt}`);
  for (const picture of [".map__picture", ".qr"]) {
    await page.locator(picture).scrollIntoViewIfNeeded();
    await waitFor(picture + " is there", () => page.locator(picture).evaluate((img) => img.complete && img.naturalWidth > 0));
  }
  assert.ok(await page.locator(".map__picture").getAttribute("alt"));
  expectQuiet(page);
  await page.context().close();
});

test("on paper the facts stay and the buttons go", async () => {
  const page = await visit(browser, demo, `/de/stellen/${debt}`);
  await page.emulateMedia({ media: "print" });
  assert.ok(await page.locator("#reach").isVisible());
  assert.ok(await page.locator(".week").isVisible());
  assert.equal(await page.locator(".kern-btn:visible").count(), 0);
  assert.equal(await page.locator(".top:visible").count(), 0);
  await page.context().close();
});

test("a protected place has a telephone and a Kreis, and no mark on the map", async () => {
  const page = await visit(browser, demo, `/de/stellen/${refuge}`);
  assert.ok(await page.locator("a[href^='tel:']").first().isVisible());
  assert.equal(await page.locator("a[href^='geo:'], a[href^='mailto:']").count(), 0);
  const map = await (await fetch(`${demo.url}/de/stellen/${refuge}/karte.svg`)).text();
  assert.ok(!map.includes("<circle"));
  await page.context().close();
});
