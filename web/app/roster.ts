/**
 * The planner works without this script: every link leads to a page, every
 * button sends a form. Here a shift opens in a dialog instead of a page, the
 * week is read anew when somebody changes it, and arrow keys move in the table.
 *
 * Pages are fetched as documents by XMLHttpRequest: the browser parses them, so
 * that no string becomes markup (Trusted Types are off limits).
 */
import { h, one, say } from "./dom";
import { t } from "./texts";

/** A page that was fetched, and where the redirects ended. */
interface Answer { page: Document; url: URL }

function load(method: string, url: string, body: string | null = null): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = "document";
    if (body !== null) request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onload = () => {
      if (request.response instanceof Document) resolve({ page: request.response, url: new URL(request.responseURL) });
      else reject(new Error("no page"));
    };
    request.onerror = () => { reject(new Error("offline")); };
    request.send(body);
  });
}

/** The form as the browser would send it, with the button that was pressed. */
function encoded(form: HTMLFormElement, button: HTMLElement | null): string {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  if (button instanceof HTMLButtonElement && button.name) fields.append(button.name, button.value);
  return fields.toString();
}

/** After this time without a key or a click, in ms, a stream that ends is not begun again. */
const IDLE = 10 * 60_000;

class RosterWeek extends HTMLElement {
  private readonly toast = h("p", { class: "toast", role: "status", "aria-atomic": "true" });
  private readonly body = h("div", { class: "shift-dialog__body" });
  private readonly dialog = h("dialog", { class: "shift-dialog", "aria-labelledby": "schicht" },
    h("div", { class: "shift-dialog__bar" },
      h("button", { class: "kern-btn kern-btn--tertiary kern-btn--x-small", type: "button", click: () => { this.dialog.close(); } },
        h("span", { class: "kern-label" }, t("roster.app.close")))),
    this.body);
  private stream: EventSource | undefined;
  private opener = "";
  private busy = false;
  private stale = false;
  private active = Date.now(); // when somebody last did something on the page

  connectedCallback(): void {
    if (this.toast.isConnected) return;
    this.append(this.toast, this.dialog);
    forgetMessage();
    this.addEventListener("click", (e) => { this.clicked(e); });
    this.addEventListener("keydown", (e) => { this.pressed(e); });
    for (const act of ["pointerdown", "keydown"]) this.addEventListener(act, () => { this.worked(); });
    document.addEventListener("visibilitychange", () => { this.seen(); });
    this.dialog.addEventListener("submit", (e) => { this.submitted(e); });
    this.dialog.addEventListener("close", () => { this.closed(); });
    this.watch();
  }

  disconnectedCallback(): void {
    this.rest();
  }

  /** Follows changes by others. Its first event tells what was missed before. */
  private watch(): void {
    const url = this.dataset.watch;
    if (!url || this.stream || document.hidden) return;
    this.stream = new EventSource(url);
    this.stream.addEventListener("version", (e) => { void this.heard(String(e.data)); });
    this.stream.onerror = () => { if (Date.now() - this.active > IDLE) this.rest(); };
  }

  /** Stops following: a page that nobody looks at must not keep its session alive. */
  private rest(): void {
    this.stream?.close();
    this.stream = undefined;
  }

  private worked(): void {
    this.active = Date.now();
    this.watch();
  }

  private seen(): void {
    if (document.hidden) this.rest();
    else this.worked();
  }

  private get plan(): HTMLElement { return one("[data-region=plan]", this); }

  private async heard(version: string): Promise<void> {
    if (version === this.plan.dataset.version) return;
    if (this.dialog.open) this.stale = true; // the table behind the dialog follows when it closes
    else if (await this.refresh()) say(this.toast, t("roster.app.changed"));
  }

  /** Reads the week anew and puts it in the place of the shown one. */
  private async refresh(): Promise<boolean> {
    this.stale = false;
    try {
      const answer = await load("GET", location.pathname + location.search);
      return this.adopt(answer.page);
    } catch {
      return false; // the stream tells the version again when it is back
    }
  }

  private adopt(page: Document): boolean {
    const next = page.querySelector<HTMLElement>("roster-week [data-region=plan]");
    if (!next || next.dataset.version === this.plan.dataset.version) return false;
    const focus = this.contains(document.activeElement) ? this.address(document.activeElement) : "";
    this.plan.replaceWith(document.adoptNode(next));
    this.focusOn(focus);
    return true;
  }

  private address(element: Element | null): string {
    return element instanceof HTMLAnchorElement ? element.getAttribute("href") ?? "" : "";
  }

  private focusOn(href: string): void {
    if (!href) return;
    for (const link of this.plan.querySelectorAll("a")) {
      if (link.getAttribute("href") === href) {
        link.focus();
        return;
      }
    }
  }

  private clicked(e: MouseEvent): void {
    const target = e.target instanceof Element ? e.target : null;
    if (target?.closest("[data-close]") && this.dialog.open) {
      e.preventDefault();
      this.dialog.close();
      return;
    }
    const link = target?.closest<HTMLAnchorElement>("a[data-shift]");
    if (!link || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    e.preventDefault();
    this.opener = this.address(link);
    void this.open(link.href);
  }

  private async open(href: string): Promise<void> {
    try {
      const { page } = await load("GET", href);
      if (!this.show(page)) location.assign(href);
    } catch {
      location.assign(href);
    }
  }

  /** Shows the shift of a fetched page in the dialog. */
  private show(page: Document): boolean {
    const panel = page.querySelector("[data-panel]");
    if (!panel) return false;
    this.body.replaceChildren(document.adoptNode(panel));
    const alarm = this.body.querySelector<HTMLElement>("#errors");
    if (!this.dialog.open) this.dialog.showModal();
    else if (!alarm) (this.body.querySelector<HTMLElement>("#leute") ?? one("h1", this.body)).focus(); // what had the focus is gone
    (alarm ?? this.body.querySelector<HTMLElement>("#meldung"))?.scrollIntoView({ block: "nearest" });
    alarm?.focus();
    return true;
  }

  private submitted(e: SubmitEvent): void {
    const form = e.target;
    if (!(form instanceof HTMLFormElement)) return;
    e.preventDefault();
    if (!this.busy) void this.send(form, e.submitter);
  }

  private async send(form: HTMLFormElement, button: HTMLElement | null): Promise<void> {
    this.busy = true;
    try {
      const answer = await load("POST", form.action, encoded(form, button));
      if (!this.dialog.open) await this.refresh(); // closed in the meantime: it stays closed
      else if (this.show(answer.page)) this.stale = true;
      else this.arrive(answer);
    } catch {
      this.body.prepend(h("p", { class: "kern-error", role: "alert" }, t("roster.app.failed")));
    } finally {
      this.busy = false;
    }
  }

  /** The answer is a week: this one, or another that the shift has gone to. */
  private arrive(answer: Answer): void {
    const here = one<HTMLElement>("[data-region=head]", this);
    const head = answer.page.querySelector("roster-week [data-region=head]");
    const other = answer.url.searchParams.get("woche");
    if (!head || other !== this.week()) {
      location.assign(answer.url);
      return;
    }
    const message = answer.page.querySelector("#meldung");
    this.adopt(answer.page);
    this.stale = false;
    this.dialog.close();
    here.querySelector("#meldung")?.remove();
    say(this.toast, message?.textContent.trim() ?? "");
  }

  private week(): string | null {
    return new URL(this.dataset.watch ?? "", location.href).searchParams.get("woche");
  }

  private closed(): void {
    this.body.replaceChildren();
    this.lead();
    if (this.stale) void this.refresh().then(() => { this.lead(); });
  }

  /** Leads back to where the dialog was opened, unless somebody has gone on from there: the event comes late. */
  private lead(): void {
    if (!this.plan.contains(document.activeElement)) this.focusOn(this.opener);
  }

  /** Arrow keys lead from link to link: up and down by row, sideways by cell. */
  private pressed(e: KeyboardEvent): void {
    const link = e.target instanceof Element ? e.target.closest("a") : null;
    const cell = link?.closest<HTMLTableCellElement>("[data-grid] :is(td, th)");
    if (!link || !cell || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey) return;
    const next = this.neighbour(link, cell, e.key);
    if (!next) return;
    e.preventDefault();
    next.focus();
  }

  private neighbour(link: HTMLAnchorElement, cell: HTMLTableCellElement, key: string): HTMLAnchorElement | null {
    const rtl = getComputedStyle(this).direction === "rtl";
    const step = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) return beside(link, rtl ? -step : step);
    if (key === "ArrowDown") return within(cell, link, 1) ?? below(cell, 1);
    if (key === "ArrowUp") return within(cell, link, -1) ?? below(cell, -1);
    if (key !== "Home" && key !== "End") return null;
    const row = [...(cell.parentElement?.querySelectorAll("a") ?? [])];
    return (key === "Home" ? row[0] : row.at(-1)) ?? null;
  }
}

/** Takes what was just done out of the address, so that a reload does not say it again. */
function forgetMessage(): void {
  const url = new URL(location.href);
  if (!url.searchParams.has("meldung")) return;
  url.searchParams.delete("meldung");
  url.searchParams.delete("n");
  history.replaceState(null, "", url);
}

/** The link that many places further in the same row. */
function beside(link: HTMLAnchorElement, step: number): HTMLAnchorElement | null {
  const row = [...(link.closest("tr")?.querySelectorAll("a") ?? [])];
  return row[row.indexOf(link) + step] ?? null;
}

/** The next link in the same cell. */
function within(cell: HTMLElement, link: HTMLAnchorElement, step: number): HTMLAnchorElement | null {
  const links = [...cell.querySelectorAll("a")];
  return links[links.indexOf(link) + step] ?? null;
}

/** The link in the nearest row above or below that has one in this column. */
function below(cell: HTMLTableCellElement, step: number): HTMLAnchorElement | null {
  const rows = [...(cell.closest("table")?.rows ?? [])];
  const here = rows.findIndex((row) => row === cell.parentElement);
  for (let i = here + step; i >= 0 && i < rows.length; i += step) {
    const links = [...(rows[i]?.cells[cell.cellIndex]?.querySelectorAll("a") ?? [])];
    const link = step > 0 ? links[0] : links.at(-1);
    if (link) return link;
  }
  return null;
}

customElements.define("roster-week", RosterWeek);
