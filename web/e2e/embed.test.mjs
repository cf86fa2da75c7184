// The search field on a page of another site.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, test } from "node:test";
import { expectAccessible, startBrowser, startDemo } from "./harness.mjs";

let demo, browser, site;
before(async () => { demo = await startDemo(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); site?.close(); });

/** Another site, with a strict policy of its own. */
function foreign(lang) {
  const page = `<!doctype html><html lang="de"><title>Rathaus</title><main><h1>Rathaus</h1><script type="module" src="${demo.url}/hsds/search-box.js"></script><lotse-suche lang="${lang}"></lotse-suche></main>`;
  return new Promise((done) => {
    const server = http.createServer((_, w) => w.writeHead(200, {
      "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": `default-src 'none'; script-src ${demo.url}; form-action ${demo.url}; require-trusted-types-for 'script'`,
    }).end(page));
    server.listen(0, "127.0.0.1", () => done(server));
  });
}

for (const [lang, words] of [["de", "schulden 50667"], ["ar", "ديون 50667"]]) {
  test(`${lang}: leads to the centres, keeps nothing, asks nobody before`, async () => {
    site?.close();
    site = await foreign(lang);
    const context = await browser.newContext();
    const page = await context.newPage();
    const requests = [], problems = [];
    page.on("request", (r) => requests.push(r.url()));
    page.on("console", (m) => { if (m.type() === "error" && !/favicon/.test(m.location().url)) problems.push(m.text()); });
    await page.goto(`http://127.0.0.1:${site.address().port}/`);
    const field = page.locator("lotse-suche input");
    await field.fill(words);
    assert.equal(requests.filter((url) => url.startsWith(demo.url)).length, 1, "only the script was loaded");
    await expectAccessible(page, "the field");
    const [found] = await Promise.all([context.waitForEvent("page"), field.press("Enter")]);
    await found.waitForLoadState();
    assert.equal(new URL(found.url()).pathname, `/${lang}/stellen`);
    await found.locator("main ol li").first().waitFor();
    assert.deepEqual(await context.cookies(), [], "no cookie");
    assert.deepEqual(problems, []);
    await context.close();
  });
}
