// The seeker's pages in every language, width and colour, and by keyboard alone.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { expectAccessible, expectFocusVisible, expectQuiet, expectReflow, startBrowser, startDemo, visit, waitFor } from "./harness.mjs";

let demo, browser;
const shots = new URL("shots/", import.meta.url).pathname;
before(async () => { mkdirSync(shots, { recursive: true }); demo = await startDemo(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); });

const looks = {
  desktop: { viewport: { width: 1200, height: 900 } },
  "desktop-dark": { viewport: { width: 1200, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  narrow: { viewport: { width: 320, height: 640 } },
  contrast: { viewport: { width: 800, height: 700 }, forcedColors: "active", reducedMotion: "reduce" },
};

/** Each language and each look at least once; both directions of writing in every width. */
const tour = { de: ["desktop", "phone", "narrow", "contrast"], "de-simple": ["phone"], en: ["desktop-dark"], ar: ["desktop-dark", "phone", "narrow"] };

for (const [lang, all] of Object.entries(tour)) {
  for (const look of all) {
    const options = looks[look];
    test(`${lang}, ${look}`, async () => {
      const page = await visit(browser, demo, `/${lang}/chat?topic=schulden&language=de`, options);
      await page.locator("#chat-form:not([hidden])").waitFor();
      assert.equal(await page.getAttribute("html", "dir"), lang === "ar" ? "rtl" : "ltr");
      const check = async (what) => {
        await expectAccessible(page, `${lang} ${look} ${what}`);
        await expectReflow(page);
        await page.screenshot({ path: `${shots}seeker-${lang}-${look}-${what}.png`, fullPage: true });
      };
      await check("ask");
      await page.fill("#chat-message", "Ein Text, der lang genug ist, um umzubrechen, auch wenn viel Platz da ist.\nUnd eine_sehr_lange_Zeichenkette_ohne_jede_Luecke_die_auch_umbrechen_muss_weil_sie_sonst_herausragt");
      await page.click("#chat-send");
      await page.locator(".chat-item--mine").waitFor();
      await page.click("#chat-options summary");
      await check("left");
      await page.click("#chat-act-code");
      await page.click("#chat-dialog-code [data-answer=yes]");
      await page.locator("#chat-code[open]").waitFor();
      await check("code");
      await page.click("#chat-code-done");
      await page.goto(`${demo.url}/${lang}/rueckkehr`);
      await page.locator("#return-form:not([hidden])").waitFor();
      await check("return");
      expectQuiet(page);
      await page.context().close();
    });
  }
}

/** Presses Tab until the focus is there; each stop on the way has to be seen. */
async function tabTo(page, selector) {
  for (let i = 0; i < 60; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press("Tab");
    await expectFocusVisible(page);
  }
  assert.fail("Tab does not reach " + selector);
}

test("by keyboard alone", async () => {
  const page = await visit(browser, demo, "/de/chat");
  await tabTo(page, "#topic");
  await page.keyboard.press("ArrowDown");
  await tabTo(page, "#postcode");
  await page.keyboard.type("50667");
  await page.keyboard.press("Enter");
  await page.locator("#chat-form:not([hidden])").waitFor();
  await tabTo(page, "#chat-message");
  await page.keyboard.type("Nur mit Tasten");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("in zwei Zeilen");
  await page.keyboard.press("Enter");
  await page.locator(".chat-item--mine").waitFor();
  await waitFor("the focus is on the heading", () => page.evaluate(() => document.activeElement?.id === "chat-heading"));
  assert.equal(await page.textContent(".chat-item--mine .chat-item__text"), "Nur mit Tasten\nin zwei Zeilen");
  await tabTo(page, "#chat-act-code");
  await page.keyboard.press("Enter");
  await tabTo(page, "#chat-dialog-code [data-answer=yes]");
  await page.keyboard.press("Enter");
  await page.locator("#chat-code[open]").waitFor();
  await tabTo(page, "#chat-code-done");
  await page.keyboard.press("Enter");
  await tabTo(page, "#chat-options summary");
  await page.keyboard.press("Enter");
  await tabTo(page, "#chat-do-delete");
  await page.keyboard.press("Enter");
  await tabTo(page, "#chat-dialog-delete [data-answer=yes]");
  await page.keyboard.press("Enter");
  await page.locator("#chat-heading", { hasText: "Alles ist gelöscht" }).waitFor();
  expectQuiet(page);
});

test("wide spacing and large text clip nothing", async () => {
  for (const [what, style] of [
    ["spacing", "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }"],
    ["double", "html { font-size: 200% !important }"],
  ]) {
    const page = await visit(browser, demo, "/de/chat?topic=", what === "double" ? looks.desktop : looks.narrow);
    await page.locator("#chat-form:not([hidden])").waitFor();
    await page.evaluate((text) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(text);
      document.adoptedStyleSheets = [sheet];
    }, style);
    await expectReflow(page);
    const clipped = await page.evaluate(() => [...document.querySelectorAll("main *")].filter((e) => e.checkVisibility() && e.childElementCount === 0 && e.textContent.trim())
      .filter((e) => { const s = getComputedStyle(e); return s.overflow === "hidden" && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1) && e.className !== "kern-sr-only"; })
      .map((e) => e.outerHTML.slice(0, 80)));
    assert.deepEqual(clipped, [], what);
  }
});

test("targets are at least 24 px", async () => {
  const page = await visit(browser, demo, "/de/chat?topic=", looks.phone);
  await page.locator("#chat-form:not([hidden])").waitFor();
  const small = await page.evaluate(() => [...document.querySelectorAll("main button, main input, main select, main summary, main a.kern-btn")]
    .filter((e) => e.checkVisibility()).map((e) => [e.id || e.textContent, e.getBoundingClientRect()])
    .filter(([, r]) => r.width < 24 || r.height < 24).map(([name]) => name));
  assert.deepEqual(small, []);
});
