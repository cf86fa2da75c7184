// The checks of the harness fail on what they are there to find.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { expectAccessible, expectReflow, startBrowser, startDemo, visit } from "./harness.mjs";

let demo, browser;
before(async () => { demo = await startDemo(); browser = await startBrowser(); });
after(async () => { await browser?.close(); await demo?.stop(); });

test("a picture without words, a frame, and what is too wide are found", async () => {
  const page = await visit(browser, demo);
  const add = (name, attributes) => page.evaluate(([name, attributes]) => {
    document.querySelector("main").append(Object.assign(document.createElement(name), attributes));
  }, [name, attributes]);
  await expectAccessible(page);
  await add("img", { src: "data:," });
  await assert.rejects(expectAccessible(page), /image-alt/);
  await expectReflow(page);
  await add("hr", { width: 5000 });
  await assert.rejects(expectReflow(page), /wide/);
  await add("iframe", {});
  await assert.rejects(expectAccessible(page), /frames/);
  await page.context().close();
});
