// The benefits finder: the whole walk by keyboard with the network cut, without
// script, right to left, on a phone, and what it asks the server and keeps.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectAccessible, expectFocusVisible, expectQuiet, expectReflow, startBrowser, startDemo, visit } from "./harness.mjs";

let demo, browser;
before(async () => { demo = await startDemo(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); });

const LOOKS = {
  desktop: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true },
  narrow: { viewport: { width: 320, height: 640 } },
  contrast: { viewport: { width: 800, height: 700 }, forcedColors: "active", reducedMotion: "reduce" },
};

/** Opens the finder and waits until it needs the server no more. */
async function open(lang = "de", look = "desktop", options = {}) {
  const page = await visit(browser, demo, `/${lang}/leistungen`, { ...LOOKS[look], ...options });
  if (options.javaScriptEnabled !== false) await page.locator("#finder[data-ready]").waitFor();
  return page;
}

const heading = (page) => page.locator("#finder-heading").innerText();
/** The button "I don't know": the last but one, in every language. */
const unknown = (page) => page.locator(".finder__go .kern-btn--secondary:nth-last-child(2)");
const go = (page) => page.locator(".finder__go .kern-btn--primary").click();

/** A parent with a child: the form of people. */
async function people(page) {
  await page.locator("#finder-begin button").click();
  await page.locator("[id='year.0']").fill("1990");
  await page.locator("button:has(.kern-icon--add)").click();
  await page.locator("[id='relation.1']").selectOption("child_mine");
  await page.locator("[id='year.1']").fill("2019");
  await go(page);
}

/** Answers question after question until the list of answers; look sees each page. */
async function walk(page, look = async () => {}) {
  for (let i = 0; i < 25; i++) {
    await page.locator("#finder-heading").waitFor();
    await look(await heading(page));
    if (await page.locator(".finder__list").count()) return;
    const before = await heading(page);
    const german = page.locator("[id='p0.residence=german']"), wage = page.locator("[id='p0.wage']"), away = page.locator("[id='p0.children_away']");
    if (await german.count()) await german.check().then(() => go(page));
    else if (await wage.count()) await wage.fill("1.500").then(() => go(page));
    else if (await away.count()) await away.fill("0").then(() => go(page));
    else await unknown(page).click();
    await page.waitForFunction((was) => document.getElementById("finder-heading")?.innerText !== was, before);
  }
  assert.fail("the questions do not end");
}

async function expectNothingKept(page, lang = "de") {
  assert.deepEqual(await page.evaluate(() => ({ ...sessionStorage, ...localStorage })), {}, "nothing is stored");
  assert.deepEqual(await page.context().cookies(), [], "no cookie");
  assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, `/${lang}/leistungen`, "no answer in the address");
}

const TOUR = { de: ["desktop", "narrow", "contrast"], "de-simple": ["phone"], en: ["dark"], ar: ["narrow"] };
for (const [lang, looks] of Object.entries(TOUR)) {
  for (const look of looks) {
    test(`${lang}, ${look}: each step accessible and within the window, with the network cut`, async () => {
      const page = await open(lang, look);
      await expectAccessible(page, "beginning");
      await page.context().setOffline(true);
      const requests = [];
      page.on("request", (r) => requests.push(r.url()));
      await people(page);
      await walk(page, async (at) => {
        await expectAccessible(page, `${lang} ${look} ${at}`);
        await expectReflow(page);
      });
      await go(page);
      await page.locator(".finder__result").waitFor();
      await page.locator("#benefit-kindergeld").waitFor();
      for (const fold of await page.locator("main details summary").all()) await fold.click();
      await expectAccessible(page, `${lang} ${look} result`);
      await expectReflow(page);
      assert.equal(await page.getAttribute("html", "dir"), lang === "ar" ? "rtl" : "ltr");
      assert.deepEqual(requests, [], "the page asks nobody");
      await expectNothingKept(page, lang);
      await page.context().close();
    });
  }
}

test("the whole walk by keyboard", async () => {
  const page = await open();
  const press = async (text) => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press("Tab");
      await expectFocusVisible(page);
      if ((await page.evaluate(() => document.activeElement?.textContent?.trim())) === text) return page.keyboard.press("Enter");
    }
    assert.fail("the keyboard does not reach " + text);
  };
  await press("Fragen beginnen");
  await page.locator("[id='year.0']").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "finder-heading", "the new question is read out");
  await page.keyboard.press("Tab");
  await page.keyboard.type("1958");
  await press("Weiter");
  for (let i = 0; i < 25 && !(await page.locator(".finder__list").count()); i++) await press("Weiß ich nicht");
  await press("Ergebnis zeigen");
  await page.locator(".finder__result").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "finder-heading");
  expectQuiet(page);
  await page.context().close();
});

test("mistakes are named at their field and the focus goes there", async () => {
  const page = await open();
  const requests = [];
  page.on("request", (r) => requests.push(r.url()));
  await page.locator("#finder-begin button").click();
  await page.locator("[id='year.0']").fill("19");
  await go(page);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "errors");
  await expectAccessible(page);
  await page.locator("#errors a").click();
  assert.equal(await page.evaluate(() => document.activeElement?.id), "year.0");
  assert.deepEqual(requests, []);
  await page.context().close();
});

test("none of these is said at one go and keeps what was typed", async () => {
  const page = await open();
  await people(page);
  for (let i = 0; i < 25 && !(await page.locator("[id='p0.wage']").count()); i++) {
    const before = await heading(page);
    await unknown(page).click();
    await page.waitForFunction((was) => document.getElementById("finder-heading")?.innerText !== was, before);
  }
  await page.fill("[id='p0.wage']", "900");
  await page.getByRole("button", { name: "Nichts davon" }).click();
  await page.goBack();
  assert.equal(await page.inputValue("[id='p0.wage']"), "900");
  assert.equal(await page.inputValue("[id='p0.other_income']"), "0");
  await page.context().close();
});

test("Back goes a question back, changes return to the list, left branches lose their answers", async () => {
  const page = await open();
  await people(page);
  const first = await heading(page);
  await unknown(page).click();
  await page.waitForFunction((was) => document.getElementById("finder-heading")?.innerText !== was, first);
  await page.goBack();
  assert.equal(await heading(page), first);
  await walk(page);
  assert.match(await page.locator(".finder__list").innerText(), /Kind \(2019\)[\s\S]*1\.500 Euro im Monat/);
  await page.locator(".finder__change button").first().click();
  await page.locator("[id='relation.1']").selectOption("");
  await go(page);
  await page.locator(".finder__list").waitFor();
  assert.doesNotMatch(await page.locator(".finder__list").innerText(), /Kind \(/);
  await expectNothingKept(page);
  await page.context().close();
});

test("the result can be copied and printed, centres are asked for on a click alone", async () => {
  const page = await open();
  await people(page);
  await walk(page);
  await go(page);
  await page.locator(".finder__result").waitFor();
  const requests = [];
  page.on("request", (r) => requests.push(new URL(r.url()).pathname + new URL(r.url()).search));
  await page.getByRole("button", { name: "Ergebnis mitnehmen" }).click();
  assert.match(await page.inputValue("#finder-text"), /Kindergeld: .*259 Euro im Monat/);
  await expectAccessible(page);
  assert.deepEqual(requests, []);
  const topic = await page.inputValue("#topic");
  await page.fill("#postcode", "50667");
  await page.getByRole("button", { name: "Stellen in der Nähe zeigen" }).click();
  await page.locator("#finder-centres [role=status] :is(a, p)").first().waitFor();
  assert.deepEqual(requests, [`/api/v1/centres?topic=${topic}&postcode=50667&limit=3`]);
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".finder__tools").isVisible(), false);
  assert.equal(await page.locator("#benefit-kindergeld").isVisible(), true);
  await page.context().close();
});

test("each benefit leads to counsel on its topic, nearby and in the chat", async () => {
  const page = await open();
  await page.locator("#finder-begin button").click();
  await page.getByRole("button", { name: "Möchte ich nicht sagen" }).click();
  await page.locator(".finder__list").waitFor();
  assert.match(await page.locator(".finder__list").innerText(), /möchte ich nicht sagen/);
  await go(page);
  await page.locator(".finder__result").waitFor();
  assert.equal(await page.locator(".finder__card").count(), await page.locator(".finder__card--depends .finder__help").count());
  const link = page.locator("#benefit-hilfe_zur_pflege .finder__help a"), topic = new URL(await link.evaluate((a) => a.href)).searchParams.get("topic");
  assert.notEqual(await page.inputValue("#topic"), topic);
  await link.click();
  assert.equal(await page.inputValue("#topic"), topic);
  assert.equal(await page.evaluate(() => document.activeElement?.id), "topic");
  const [chat] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("button", { name: "Jetzt mit jemandem schreiben" }).click()]);
  await chat.waitForLoadState();
  assert.equal(new URL(chat.url()).searchParams.get("topic"), topic);
  await page.context().close();
});

/** What the tab holds for another page. */
const held = (page) => page.evaluate(() => ({ ...sessionStorage }));

test("the result is taken into the chat on a second click, shown first, unsent, and leaves nothing behind", async () => {
  const page = await open();
  await people(page);
  await page.getByRole("button", { name: "Ergebnis schon jetzt zeigen" }).click();
  await page.getByRole("button", { name: "Ergebnis mitnehmen" }).click();
  const text = await page.inputValue("#finder-text");
  assert.match(text, /Kindergeld: /);
  assert.deepEqual(await held(page), {}, "nothing is stored before the second click");
  const [chat] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("button", { name: "In den Chat mitnehmen" }).click()]);
  const posted = [];
  chat.on("request", (r) => { if (r.method() !== "GET") posted.push(r.url()); });
  await chat.waitForLoadState();
  assert.equal(new URL(chat.url()).pathname + new URL(chat.url()).search, "/de/chat", "nothing of it in the address");
  assert.deepEqual(await held(page), {}, "the finder holds nothing any more");
  await chat.goto(demo.url + "/de/chat?topic=schulden");
  await chat.waitForFunction(() => document.getElementById("chat-message").value !== ""); // the box is shown once it is known who would read
  assert.equal(await chat.inputValue("#chat-message"), text);
  assert.deepEqual(await held(chat), {}, "taken up, it is removed");
  assert.deepEqual(posted, [], "nothing is sent");
  await expectAccessible(chat, "chat with the result");
  await page.context().close();
});

test("the exit takes carried words away", async () => {
  const page = await open();
  await people(page);
  await page.getByRole("button", { name: "Ergebnis schon jetzt zeigen" }).click();
  await page.getByRole("button", { name: "Ergebnis mitnehmen" }).click();
  const [chat] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("button", { name: "In den Chat mitnehmen" }).click()]);
  await chat.waitForLoadState();
  assert.notDeepEqual(await held(chat), {}, "the words wait for the question to be complete");
  await chat.route("**/verlassen", (route) => route.fulfill({ contentType: "text/html", body: "<p id=out>out</p>" })); // without the header that clears as well
  await chat.click(".exit");
  await chat.locator("#out").waitFor();
  assert.deepEqual(await held(chat), {});
  await page.context().close();
});

test("the postcode says the rent level and the office, and asks nobody", async () => {
  const page = await open();
  await page.context().setOffline(true);
  await people(page);
  for (let i = 0; i < 25 && !(await page.locator("[id='h.postcode']").count()); i++) {
    const before = await heading(page);
    await unknown(page).click();
    await page.waitForFunction((was) => document.getElementById("finder-heading")?.innerText !== was, before);
  }
  await page.fill("[id='h.postcode']", "5066");
  await go(page);
  assert.match(await page.locator("#errors").innerText(), /fünf Ziffern/);
  await page.fill("[id='h.postcode']", "50667");
  await go(page);
  await page.locator("#errors").waitFor({ state: "detached" });
  await walk(page);
  assert.match(await page.locator(".finder__list").innerText(), /50667[\s\S]*6 \(aus der Postleitzahl\)/);
  await go(page);
  assert.match(await page.locator("#finder").innerText(), /50667 \(Stadt Köln\)[\s\S]*Mietstufe 6/);
  const card = page.locator("#benefit-eingliederungshilfe");
  await card.locator("summary").last().click();
  assert.match(await card.innerText(), /Landschaftsverband Rheinland/);
  assert.equal(await page.inputValue("#postcode"), "50667");
  await page.context().close();
});

test("a small child is asked nothing about work, pension or assets", async () => {
  const page = await open();
  await page.locator("#finder-begin button").click();
  await page.locator("[id='year.0']").fill("1990");
  await page.locator("button:has(.kern-icon--add)").click();
  await page.locator("[id='relation.1']").selectOption("child_mine");
  await page.locator("[id='year.1']").fill(String(new Date().getFullYear() - 4));
  await go(page);
  for (let i = 0; i < 25 && !(await page.locator(".finder__list").count()); i++) {
    const asked = await page.locator("[name^='p1.'], [name='ticks.p1']").evaluateAll((all) => all.map((e) => (e.name === "ticks.p1" ? e.value : e.name.slice(3))));
    assert.deepEqual(asked.filter((fact) => /^(training|hours|wage|self_employed|.*pension.*|assets|receives_alg|receives_buergergeld|unemployed|ability|hardship)/.test(fact)), []);
    const before = await heading(page);
    await unknown(page).click();
    await page.waitForFunction((was) => document.getElementById("finder-heading")?.innerText !== was, before);
  }
  await page.context().close();
});

for (const [look, lang] of [["narrow", "de"], ["contrast", "en"], ["phone", "ar"]]) {
  test(`${lang}, ${look}: the page of a benefit is accessible and leads on`, async () => {
    const page = await visit(browser, demo, `/${lang}/leistungen/wohngeld`, LOOKS[look]);
    for (const fold of await page.locator("main details summary").all()) await fold.click();
    await expectAccessible(page, "benefit");
    await expectReflow(page);
    expectQuiet(page);
    await page.locator(".finder .kern-btn--primary").first().click();
    await page.locator("#finder-begin").waitFor();
    await page.context().close();
  });
}

for (const lang of ["de", "ar"]) {
  test(`${lang}: everything works without script`, async () => {
    const page = await open(lang, "phone", { javaScriptEnabled: false });
    await page.locator("#finder-begin button").click();
    await page.locator("[id='year.0']").fill("1990");
    await page.locator("button[value=more]").click();
    await page.locator("[id='relation.1']").selectOption("child_mine");
    await page.locator("[id='year.1']").fill("2019");
    await go(page);
    for (let i = 0; i < 25 && !(await page.locator(".finder__list").count()); i++) {
      const german = page.locator("[id='p0.residence=german']");
      if (await german.count()) await german.check().then(() => go(page));
      else await page.locator("button[value=unknown]").click();
    }
    await page.locator("button[value='edit:income']").click();
    await page.locator("[id='p0.wage']").fill("1.500");
    await go(page);
    assert.match(await page.locator(".finder__list").innerText(), lang === "de" ? /1\.500/ : /1,500/);
    await page.locator("button[value=result]").click();
    assert.match(await page.locator("#benefit-kindergeld").innerText(), /259/);
    assert.match(await page.inputValue("#finder-text"), /259/, "the result as text, to copy");
    await page.locator("button[value=check]").click();
    await page.locator("button[value=back]").click();
    await page.locator("#finder-heading").waitFor();
    assert.ok(page.url().endsWith(`/${lang}/leistungen`), "no answer in the address");
    await page.context().close();
  });
}

test("without the rules the form goes to the server, and its pages are accessible", async () => {
  const page = await visit(browser, demo, "/de/", LOOKS.narrow);
  await page.route("**/regeln.json", (route) => route.abort());
  await page.goto(demo.url + "/de/leistungen");
  await page.locator("#finder-begin button").click();
  await page.locator("[name=answers]").waitFor({ state: "attached" });
  await page.locator("[id='year.0']").fill("1970");
  await go(page);
  for (let i = 0; i < 25; i++) {
    await expectAccessible(page, await heading(page));
    await expectReflow(page);
    if (await page.locator(".finder__list").count()) break;
    await page.locator("button[value=unknown]").click();
  }
  await page.locator("button[value=result]").click();
  await expectAccessible(page, "result");
  await expectReflow(page);
  await page.locator("[name=answers]").first().evaluate((e) => { e.value = "x" + e.value.slice(1); });
  await page.locator("button[value=check]").click();
  assert.match(await page.locator("[role=alert]").innerText(), /ließen sich nicht öffnen/);
  await expectAccessible(page, "answers lost");
  expectQuiet(page, /regeln\.json/, /ERR_FAILED/, /status of 422/);
  await page.context().close();
});
