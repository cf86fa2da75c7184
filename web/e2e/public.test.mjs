// The public pages: every language, width and colour, large text, no script,
// the keyboard, and what they weigh and leave behind.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { expectAccessible, expectFocusVisible, expectQuiet, expectReflow, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";

let demo, browser;
const weather = createServer((_, answer) => answer.setHeader("Content-Type", "text/html").end("<title>Wetter</title>"));
before(async () => {
  await new Promise((listening) => weather.listen(0, "127.0.0.1", listening));
  demo = await startDemo({ LOTSE_EXIT_URL: `http://127.0.0.1:${weather.address().port}/` });
  browser = await startBrowser();
});
after(async () => { await browser?.close(); await demo?.stop(); weather.close(); });

const PAGES = ["", "sicherheit", "datenschutz", "impressum", "barrierefreiheit", "feedback", "feedback?danke", "stellen", "gibt-es-nicht"];
const MISSING = /status of 404/;

const LOOKS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  narrow: { viewport: { width: 320, height: 640 }, colorScheme: "dark" },
  contrast: { viewport: { width: 800, height: 700 }, forcedColors: "active", reducedMotion: "reduce" },
};
const TOUR = { de: ["desktop", "narrow", "contrast"], "de-simple": ["phone"], en: ["dark"], ar: ["phone", "narrow"] };

for (const [lang, looks] of Object.entries(TOUR)) {
  for (const look of looks) {
    test(`${lang}, ${look}: accessible, within the window, quiet, nothing kept`, async () => {
      const page = await visit(browser, demo, `/${lang}/`, LOOKS[look]);
      for (const path of PAGES) {
        await page.goto(`${demo.url}/${lang}/${path}`);
        await expectAccessible(page, `${lang} ${look} /${path}`);
        await expectReflow(page);
        assert.equal(await page.getAttribute("html", "dir"), lang === "ar" ? "rtl" : "ltr");
        assert.deepEqual(await page.evaluate(() => ({ ...sessionStorage, ...localStorage })), {}, "nothing is stored");
      }
      assert.deepEqual(await page.context().cookies(), [], "no cookie");
      expectQuiet(page, MISSING);
      await page.context().close();
    });
  }
}

/** What one page of each kind looks like in a language with letters and words of its own. */
const KINDS = ["", "chat", "chat?topic=schulden&language=de", "leistungen", "stellen?q=schulden+50667", "themen/gesundheit"];
for (const [lang, dir] of [["uk", "ltr"], ["fa", "rtl"]]) {
  test(`${lang}: one page of each kind is accessible and fits a narrow phone`, async () => {
    const page = await visit(browser, demo, `/${lang}/`, LOOKS.narrow);
    for (const path of KINDS) {
      await page.goto(`${demo.url}/${lang}/${path}`);
      if (path.includes("topic")) await page.locator("#chat-form:not([hidden])").waitFor();
      if (path === "leistungen") await page.locator("#finder[data-ready]").waitFor();
      await expectAccessible(page, `${lang} /${path}`);
      await expectReflow(page);
      assert.deepEqual(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [lang, dir]);
    }
    expectQuiet(page);
    await page.context().close();
  });
}

test("every language opens for a browser that asks for it, and fits a narrow phone", async () => {
  for (const [locale, lang] of [["tr-TR", "tr"], ["ru-RU", "ru"], ["pl-PL", "pl"], ["uk-UA", "uk"], ["fa-IR", "fa"]]) {
    const page = await visit(browser, demo, "/", { ...LOOKS.narrow, locale });
    assert.ok(page.url().endsWith(`/${lang}/`), `${locale} leads to ${page.url()}`);
    for (const path of ["chat", "stellen", "leistungen"]) {
      await expectReflow(page);
      await page.goto(`${demo.url}/${lang}/${path}`);
    }
    await expectReflow(page);
    expectQuiet(page);
    await page.context().close();
  }
});

test("a language that nobody answers in says so and offers those that somebody does", async () => {
  const page = await visit(browser, demo, "/ru/");
  assert.equal(await page.inputValue("#language"), "de");
  assert.ok(await page.locator("#language-hint").isVisible());
  assert.ok((await page.locator("#language option").allTextContents()).includes("Українська"));
  await page.goto(demo.url + "/uk/");
  assert.equal(await page.inputValue("#language"), "uk");
  assert.equal(await page.locator("#language-hint").count(), 0);
  await page.context().close();
});

test("the languages are one line on a phone that opens, and all in sight on a desk", async () => {
  const page = await visit(browser, demo, "/de/stellen", LOOKS.narrow);
  const links = page.locator(".languages__link");
  assert.ok((await page.locator(".languages").boundingBox()).height < 64, "one line");
  assert.equal(await links.first().isVisible(), false);
  await page.locator(".languages__now").focus();
  await page.keyboard.press("Enter");
  assert.equal(await links.count(), 9);
  assert.ok(await links.last().isVisible());
  await expectAccessible(page, "open");
  await expectReflow(page);
  await page.click(".languages__link[hreflang=fa]");
  assert.ok(page.url().endsWith("/fa/stellen"));
  await page.setViewportSize(LOOKS.desktop.viewport);
  assert.ok(await links.last().isVisible() && !(await page.locator(".languages__now").isVisible()), "no fold where there is room");
  await page.click(".languages__link[hreflang=pl]");
  assert.ok(page.url().endsWith("/pl/stellen"));
  await page.context().close();
});

test("large text and wide spacing cut nothing off", async () => {
  const page = await visit(browser, demo, "/de/", LOOKS.narrow);
  for (const path of PAGES) {
    await page.goto(`${demo.url}/de/${path}`);
    await page.evaluate(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }");
      document.adoptedStyleSheets = [sheet];
    });
    await expectReflow(page);
    await page.setViewportSize({ width: 640, height: 900 });
    await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
    await expectReflow(page);
    await page.setViewportSize(LOOKS.narrow.viewport);
  }
  await page.context().close();
});

test("the keyboard reaches everything, and sees where it is", async () => {
  for (const look of ["desktop", "narrow"]) {
    const page = await visit(browser, demo, "/de/feedback", LOOKS[look]);
    const wanted = await page.evaluate(() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, select, summary")]
      .filter((e) => e.checkVisibility()).length);
    const reached = new Set();
    for (let i = 0; i <= wanted; i++) {
      await page.keyboard.press("Tab");
      await expectFocusVisible(page);
      reached.add(await page.evaluate(() => [...document.querySelectorAll("*")].indexOf(document.activeElement)));
    }
    assert.ok(reached.size >= wanted, `${reached.size} of ${wanted} were reached`);
    for (let i = 0; i < wanted; i++) {
      await page.keyboard.press("Shift+Tab");
      await expectFocusVisible(page);
    }
    await page.context().close();
  }
});

test("the second stop of the keyboard leaves the site", async () => {
  const page = await visit(browser, demo, "/ar/sicherheit");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.href.startsWith(demo.url));
  assert.equal(await page.title(), "Wetter");
});

test("a capital letter is no way out, three presses of Shift are", async () => {
  const page = await visit(browser, demo, "/de/feedback");
  await page.focus("#text");
  await page.keyboard.type("ABCDE Fg");
  await page.keyboard.press("Shift");
  await page.keyboard.press("Shift");
  assert.ok(page.url().startsWith(demo.url));
  await page.keyboard.press("Shift");
  await page.waitForURL((url) => !url.href.startsWith(demo.url));
});

test("everything public works without script", async () => {
  const page = await visit(browser, demo, "/", { javaScriptEnabled: false, locale: "ar" });
  assert.ok(page.url().endsWith("/ar/"), "the language of the browser");
  await page.click(".languages__link[hreflang=de]");
  await page.selectOption("#topic", "schulden");
  await page.fill("#postcode", "50667");
  await page.getByRole("button", { name: "Nachsehen, ob jemand da ist" }).click();
  assert.match(page.url(), /\/de\/\?topic=schulden&language=de&postcode=50667$/);
  assert.equal(await page.inputValue("#topic"), "schulden");
  assert.ok(await page.locator(".here__text").innerText());
  await page.click(".languages__link[hreflang=en]");
  assert.match(page.url(), /\/en\/\?topic=schulden/);
  await page.getByRole("button", { name: "Go to the chat" }).click();
  assert.ok(await page.locator(".crisis a[href='tel:112']").last().isVisible(), "no dead end without script");
  await page.getByRole("link", { name: "Report a barrier" }).click();
  assert.equal(await page.inputValue("[name=seite]"), "chat");
  await page.fill("#text", "The chat needs script.");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("heading", { name: "Thank you" }).waitFor();
  expectQuiet(page);
  await page.click(".exit");
  await page.waitForURL((url) => !url.href.startsWith(demo.url));
});

test("what is wrong in a report is said where it is", async () => {
  const page = await visit(browser, demo, "/de/feedback");
  await page.evaluate(() => document.querySelector("form").noValidate = true);
  await page.fill("#contact", "post@example.org");
  await page.getByRole("button", { name: "Absenden" }).click();
  await page.locator("#errors").waitFor();
  await expectAccessible(page);
  await page.locator("#errors a").click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "text");
  assert.equal(await page.inputValue("#contact"), "post@example.org", "what was written stays");
});

test("the first view is light and asks nobody else", async () => {
  const page = await visit(browser, demo, "/de/impressum");
  const wire = await page.context().newCDPSession(page);
  await wire.send("Network.enable");
  await wire.send("Network.setCacheDisabled", { cacheDisabled: true });
  let bytes = 0;
  wire.on("Network.loadingFinished", (e) => { bytes += e.encodedDataLength; });
  await page.goto(demo.url + "/de/", { waitUntil: "load" });
  await page.evaluate(() => document.fonts.ready);
  const { script, all } = await page.evaluate(() => {
    const files = performance.getEntriesByType("resource").filter((r) => !r.name.includes("/api/"));
    return { all: files.length, script: files.filter((r) => r.name.endsWith(".js")).reduce((sum, r) => sum + r.encodedBodySize, 0) };
  });
  await waitFor("all files have come", () => bytes > 0 && all > 0);
  assert.ok(bytes <= 100_000, `${bytes} bytes over the wire`);
  assert.ok(script <= 15_000, `${script} bytes of script`);
  expectQuiet(page);
});

test("the statement for machines is what the page says", async () => {
  const page = await visit(browser, demo, "/de/barrierefreiheit");
  const twin = await page.evaluate(async () => (await fetch(document.querySelector("link[rel=alternate]").href)).json());
  const text = await page.innerText("main");
  for (const barrier of Object.values(twin.barriers)) assert.ok(text.includes(barrier), barrier);
  for (const standard of twin.standard) assert.ok(text.includes(standard), standard);
});
