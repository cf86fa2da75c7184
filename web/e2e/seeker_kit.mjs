// The help-seeker's and the counsellor's side of a conversation, as the browser
// tests of the seeker speak of them.
import assert from "node:assert/strict";
import { signIn, visit, waitFor } from "./harness.mjs";

export const CHAT = "/de/chat?topic=schulden&language=de&postcode=50667";

/** A help-seeker with a page of their own. */
export class Seeker {
  constructor(page) { this.page = page; }

  static async open(browser, demo, address = CHAT, options = {}) {
    return new Seeker(await visit(browser, demo, address, options));
  }

  /** Waits until the heading of the card reads so. */
  async heading(pattern) {
    await this.page.locator("#chat-heading", { hasText: pattern }).waitFor();
  }

  /** Writes in the text box and presses its button. */
  async say(text) {
    await this.page.fill("#chat-message", text);
    await this.page.click("#chat-send");
  }

  /** The conversation as text: one entry for each line that a person wrote. */
  async lines() {
    const items = this.page.locator(".chat-item--mine .chat-item__text, .chat-item--theirs .chat-item__text");
    return items.allTextContents();
  }

  /** Waits until the conversation reads exactly so. */
  async reads(...want) {
    const now = async () => JSON.stringify(await this.lines());
    await waitFor(`the seeker reads ${JSON.stringify(want)}`, async () => (await now()) === JSON.stringify(want)).catch(async (err) => {
      throw new Error(`${err.message}; reads ${await now()}`);
    });
    assert.equal(await now(), JSON.stringify(want));
  }

  /** Waits until all own words are safe. */
  async settled() {
    await waitFor("all own words are sent", async () => {
      const marks = await this.page.locator(".chat-item--mine .chat-item__mark").allTextContents();
      return marks.every((m) => m === "gesendet");
    });
  }

  /** Opens the part below the text box. */
  async options() {
    if (!(await this.page.locator("#chat-options").getAttribute("open"))) await this.page.click("#chat-options summary");
  }

  /** What the tab keeps. */
  stored() {
    return this.page.evaluate(() => ({ session: { ...sessionStorage }, local: { ...localStorage }, cookie: document.cookie }));
  }
}

/** A counsellor at the console, worked by its keys. */
export class Counsellor {
  constructor(page) { this.page = page; }

  static async open(browser, demo, key) {
    return new Counsellor(await signIn(browser, demo, key));
  }

  /** Is ready for chats. */
  async ready() {
    const button = this.page.locator(".team-ready");
    await button.waitFor();
    await waitFor("the line is open", async () => (await this.page.locator("[data-line=online]").count()) > 0);
    if ((await button.getAttribute("aria-pressed")) !== "true") await button.click();
    await this.page.locator(".team-ready[aria-pressed=true][aria-busy=false]").waitFor();
  }

  /** Takes at most so many conversations at once. */
  async limit(n) {
    await this.page.selectOption(".team-limit select", String(n));
  }

  /** Takes a pause. */
  async pause() {
    await this.page.locator(".team-ready[aria-pressed=true]").click();
    await this.page.locator(".team-ready[aria-pressed=false][aria-busy=false]").waitFor();
  }

  /** Accepts the offer that comes. */
  async accept() {
    await this.page.locator(".team-offer").first().waitFor();
    await this.page.locator(".team-offer .kern-btn--primary").first().click();
    await this.page.locator(".team-composer__field:not([readonly])").waitFor();
  }

  /** Opens the first message that was left. */
  async take() {
    await waitFor("the line is open", async () => (await this.page.locator("[data-line=online]").count()) > 0);
    await this.page.locator(".team-queue .team-section").last().getByRole("button").first().click();
    await this.page.locator(".team-composer__field:not([readonly])").waitFor();
  }

  async say(text) {
    await this.page.fill(".team-composer__field", text);
    await this.page.press(".team-composer__field", "Enter");
  }

  /** Waits until this text stands in the log. */
  async sees(text) {
    await this.page.locator(".team-log", { hasText: text }).waitFor();
  }

  /** Presses one of the keys of the console and says yes to its question. */
  async command(key) {
    await this.page.locator(".team-talk__title").focus();
    await this.page.keyboard.press(key);
    await this.page.locator("dialog[open] .kern-btn--primary").click();
  }
}
