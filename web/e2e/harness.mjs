// The ground of all browser tests: the real binary with its demo data in a
// directory of its own, Debian's Chromium with the site's CSP on, and checks
// that hold on every page. One test file starts one demo and stops it.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";

const ROOT = path.resolve(import.meta.dirname, "../..");
const FLAGS = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

/** Builds the binary of this tree, or takes the one E2E_BIN names. */
function binary(dir) {
  if (process.env.E2E_BIN) return process.env.E2E_BIN;
  const out = path.join(dir, "lotse");
  execFileSync("go", ["build", "-o", out, "./cmd/lotse"], { cwd: ROOT, stdio: ["ignore", "inherit", "inherit"] });
  return out;
}

/**
 * Starts `lotse demo` on a free port with fresh data. env adds settings
 * (LOTSE_…). The result: url, password, people (key → {email, name, role,
 * teams, onDuty}), data (folder), output(), run(…) for another command on the
 * same data, crash() and revive() on the same port, and stop().
 */
export async function startDemo(env = {}) {
  const dir = mkdtempSync(path.join(tmpdir(), "lotse-e2e-"));
  const server = new Process(binary(dir), dir, { LOTSE_DATA: path.join(dir, "data"), LOTSE_TRUSTED_PROXIES: "127.0.0.1/32", ...env });
  const stop = async () => {
    await server.end("SIGTERM");
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await server.start("127.0.0.1:0");
  } catch (err) {
    await stop();
    throw err;
  }
  const text = server.text;
  const run = (...args) => execFileSync(server.file, args, { cwd: dir, env: { PATH: process.env.PATH, HOME: dir, LOTSE_DATA: path.join(dir, "data"), ...env }, encoding: "utf8" });
  const url = /seekers\s+(http:\/\/[^/\s]+)/.exec(text)[1];
  return {
    url, password: /people below: (\S+)/.exec(text)[1], people: people(text), data: path.join(dir, "data"),
    output: () => server.text, run, stop,
    crash: () => server.end("SIGKILL"),
    revive: () => server.start(new URL(url).host),
  };
}

/** The server's process; its output is kept over restarts. */
class Process {
  text = "";
  constructor(file, dir, env) { Object.assign(this, { file, dir, env }); }

  async start(listen) {
    const from = this.text.length;
    const env = { PATH: process.env.PATH, HOME: this.dir, LOTSE_LISTEN: listen, ...this.env };
    this.child = spawn(this.file, ["demo"], { cwd: this.dir, env });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", (chunk) => { this.text += chunk; });
    this.gone = new Promise((done) => this.child.once("exit", done));
    await waitFor("the demo listens", () => {
      assert.equal(this.child.exitCode, null, "the demo ended:\n" + this.text);
      return /Ctrl-C ends it/.test(this.text.slice(from));
    }, 60_000);
  }

  async end(signal) {
    this.child.kill(signal);
    const late = setTimeout(() => this.child.kill("SIGKILL"), 15_000);
    await this.gone;
    clearTimeout(late);
  }
}

/** Reads the table of people that the demo prints. */
function people(text) {
  const rows = [...text.matchAll(/^ {2}(\w+)@demo\.example +(.+?) {2,}(\w+) +(.+?)(?: {2,}on duty: (.+))?$/gm)];
  return Object.fromEntries(rows.map(([, key, name, role, teams, duty]) =>
    [key, { email: key + "@demo.example", name: name.trim(), role, teams: teams.split(", "), onDuty: duty?.split(" ") ?? [] }]));
}

/** Waits until check gives something true, and gives it. */
export async function waitFor(what, check, within = 20_000) {
  for (const end = Date.now() + within; ; await new Promise((done) => setTimeout(done, 50))) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
  }
}

/** Starts the browser. */
export function startBrowser() {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
}

let visitors = 0;

/** Each person comes from a network of their own, as behind a real proxy. */
function network() {
  visitors++;
  return { "X-Forwarded-For": `198.18.${visitors >> 8}.${visitors & 255}` };
}

/**
 * Opens a page of the demo as a person of their own (own cookies, own storage).
 * What goes wrong in it is collected in page.problems.
 */
export async function visit(browser, demo, address = "/de/", options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1200, height: 900 }, locale: "de-DE", timezoneId: "Europe/Berlin", extraHTTPHeaders: network(), ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.problems = [];
  page.on("pageerror", (err) => page.problems.push("error: " + err.message));
  page.on("console", (m) => { if (["error", "warning"].includes(m.type())) page.problems.push(`${m.type()}: ${m.text()}`); });
  page.on("request", (r) => { if (!r.url().startsWith(demo.url) && !/^(blob|data|about):/.test(r.url()) && !r.url().startsWith(demo.url.replace("http", "ws"))) page.problems.push("third party: " + r.url()); });
  await page.goto(demo.url + address);
  return page;
}

/** Signs a person of the demo in and opens the console. */
export async function signIn(browser, demo, key, options = {}) {
  const page = await visit(browser, demo, "/team/anmelden", options);
  await page.fill("input[type=email]", demo.people[key].email);
  await page.fill("input[type=password]", demo.password);
  await page.click("form button[type=submit]");
  await page.waitForURL((url) => url.pathname === "/team");
  return page;
}

/** The key of a counsellor of the team (its key in the demo data) who is on duty now. */
export function onDuty(demo, team) {
  const found = Object.entries(demo.people).find(([, p]) => p.role === "counsellor" && p.onDuty.includes(team));
  assert.ok(found, `nobody of ${team} is on duty:\n${demo.output()}`);
  return found[0];
}

/** No script error, no CSP report, nothing loaded from elsewhere. expected are patterns of what is meant to fail. */
export function expectQuiet(page, ...expected) {
  const loud = page.problems.filter((p) => !expected.some((pattern) => pattern.test(p)));
  assert.deepEqual(loud, [], page.url());
}

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice", "EN-301-549"];

/**
 * axe finds nothing, with every rule and no exclusion. It runs once in the page
 * itself, which has no frames: the usual way over a helper page takes eight times
 * as long.
 */
export async function expectAccessible(page, what = page.url()) {
  assert.equal(page.frames().length, 1, what + " has frames, which axe would not look into");
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const violations = await page.evaluate((values) =>
    window.axe.run(document, { runOnly: { type: "tag", values }, resultTypes: ["violations"] }).then((found) => found.violations), RULES);
  const found = violations.map((v) => `${v.id}: ${v.help}\n` + v.nodes.map((n) => "    " + n.target.join(" ")).join("\n"));
  assert.deepEqual(found, [], what);
}

/** Nothing is wider than the window. */
export async function expectReflow(page) {
  const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(inner <= outer, `${page.url()} is ${inner} wide in a window of ${outer}`);
}

/** The element that has the focus comes into sight and is not under a fixed bar. */
export async function expectFocusVisible(page) {
  const covered = () => page.evaluate(() => {
    const e = document.activeElement;
    if (!e || e === document.body) return "";
    const r = e.getBoundingClientRect();
    const top = document.elementFromPoint(r.x + Math.min(r.width / 2, 40), r.y + Math.min(r.height / 2, 10));
    return top && (top === e || e.contains(top) || top.contains(e)) ? "" : `${e.tagName}#${e.id} under ${top?.tagName}.${top?.className}`;
  });
  await waitFor("the focus is in sight", async () => (await covered()) === "", 3_000).catch(async () => assert.fail(await covered()));
}
