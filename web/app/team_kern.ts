// KERN components as small functions: the class names of the design system
// stand here once, so that the pages read as content.
import { fill, h, type Child } from "./dom";

export type Tone = "info" | "success" | "warning" | "danger";
type Weight = "primary" | "secondary" | "tertiary";

let serial = 0;

/** freshId gives an id that is unique in this document. */
export function freshId(prefix: string): string {
  serial += 1;
  return prefix + "-" + serial;
}

/** icon is decoration; the meaning always stands beside it as text. */
export function icon(name: string): HTMLSpanElement {
  return h("span", { class: "kern-icon kern-icon--" + name, "aria-hidden": "true" });
}

/** ButtonOptions: keys names a shortcut for assistive technology, label an accessible name when the text is short. */
export interface ButtonOptions {
  weight?: Weight;
  icon?: string;
  small?: boolean;
  submit?: boolean;
  keys?: string;
  label?: string;
}

/** button makes a native button; click is not attached for submit buttons. */
export function button(text: string, click: (() => void) | null, options: ButtonOptions = {}): HTMLButtonElement {
  const size = options.small ? " kern-btn--x-small" : "";
  return h(
    "button",
    {
      class: "kern-btn kern-btn--" + (options.weight ?? "secondary") + size,
      type: options.submit ? "submit" : "button",
      "aria-keyshortcuts": options.keys,
      "aria-label": options.label,
      click: click ?? undefined,
    },
    options.icon ? icon(options.icon) : null,
    h("span", { class: "kern-label" }, text),
  );
}

/** badge is a short coloured word; the word alone must be enough. */
export function badge(text: string, tone: Tone): HTMLSpanElement {
  return h(
    "span",
    { class: "kern-badge kern-badge--small kern-badge--" + tone },
    h("span", { class: "kern-label kern-label--small" }, text),
  );
}

/** alert is a framed notice. live makes it announce itself; leave it out for content that is there from the start. */
export function alert(tone: Tone, title: string, body: Child[] = [], live = false): HTMLDivElement {
  return h(
    "div",
    { class: "kern-alert kern-alert--" + tone, role: live ? "alert" : null },
    h("div", { class: "kern-alert__header" }, icon(tone), h("span", { class: "kern-title" }, title)),
    body.length > 0 ? h("div", { class: "kern-alert__body" }, ...body) : null,
  );
}

/** paragraph of running text. */
export function paragraph(text: string, extra = ""): HTMLParagraphElement {
  return h("p", { class: ("kern-body " + extra).trim() }, text);
}

/** Field is a labelled control with a place for its error. */
export interface Field<T extends HTMLElement> {
  root: HTMLElement;
  control: T;
  fail(message: string): void;
  clear(): void;
}

function wrap<T extends HTMLElement>(label: string, hint: string, control: T, shell: HTMLElement, id: string): Field<T> {
  const error = h("p", { class: "kern-error", id: id + "-error", hidden: true });
  const note = hint ? h("div", { class: "kern-hint", id: id + "-hint" }, hint) : null;
  const described = (note ? id + "-hint " : "") + id + "-error";
  control.setAttribute("aria-describedby", described);
  const root = h("div", { class: "kern-form-input" }, h("label", { class: "kern-label", for: id }, label), note, shell, error);
  return {
    root,
    control,
    fail(message) {
      fill(error, icon("danger"), h("span", { class: "kern-body" }, message));
      error.hidden = false;
      control.setAttribute("aria-invalid", "true");
      root.classList.add("kern-form-input--error");
    },
    clear() {
      fill(error);
      error.hidden = true;
      control.removeAttribute("aria-invalid");
      root.classList.remove("kern-form-input--error");
    },
  };
}

/** textField makes a labelled one-line input; attributes go to the input itself. */
export function textField(
  label: string,
  attributes: Record<string, string | boolean | number | null> = {},
  hint = "",
): Field<HTMLInputElement> {
  const id = freshId("field");
  const control = h("input", { class: "kern-form-input__input", id, type: "text", ...attributes });
  return wrap(label, hint, control, control, id);
}

/** selectField makes a labelled choice; options are [value, text]. */
export function selectField(
  label: string,
  options: ReadonlyArray<readonly [string, string]>,
  value = "",
  hint = "",
): Field<HTMLSelectElement> {
  const id = freshId("field");
  const control = h("select", { class: "kern-form-input__select", id });
  for (const [key, text] of options) control.append(h("option", { value: key, selected: key === value }, text));
  const shell = h("div", { class: "kern-form-input__select-wrapper" }, control);
  return wrap(label, hint, control, shell, id);
}

/** Check is a labelled tick box. */
export interface Check {
  root: HTMLElement;
  control: HTMLInputElement;
}

/** checkbox makes one tick box with its label. */
export function checkbox(label: string, checked: boolean, value = ""): Check {
  const id = freshId("check");
  const control = h("input", { class: "kern-form-check__checkbox", type: "checkbox", id, checked, value });
  return { root: h("div", { class: "kern-form-check" }, control, h("label", { class: "kern-label", for: id }, label)), control };
}

/** radios makes a group of one choice; value() gives the chosen key. */
export function radios(
  legend: string,
  options: ReadonlyArray<readonly [string, string]>,
  value: string,
): { root: HTMLFieldSetElement; value(): string } {
  const name = freshId("choice");
  const body = h("div", { class: "kern-fieldset__body" });
  for (const [key, text] of options) {
    const id = freshId("radio");
    const control = h("input", { class: "kern-form-check__radio", type: "radio", id, name, value: key, checked: key === value });
    body.append(h("div", { class: "kern-form-check" }, control, h("label", { class: "kern-label", for: id }, text)));
  }
  const root = h("fieldset", { class: "kern-fieldset" }, h("legend", { class: "kern-label" }, legend), body);
  return { root, value: () => root.querySelector<HTMLInputElement>("input:checked")?.value ?? "" };
}

/** checks makes a group of several choices; values() gives the ticked keys. */
export function checks(
  legend: string,
  options: ReadonlyArray<readonly [string, string]>,
  chosen: readonly string[],
): { root: HTMLFieldSetElement; values(): string[] } {
  const boxes = options.map(([key, text]) => checkbox(text, chosen.includes(key), key));
  const root = h(
    "fieldset",
    { class: "kern-fieldset" },
    h("legend", { class: "kern-label" }, legend),
    h("div", { class: "kern-fieldset__body" }, ...boxes.map((box) => box.root)),
  );
  return { root, values: () => boxes.filter((box) => box.control.checked).map((box) => box.control.value) };
}

/** facts is a description list; a value may be any node. */
export function facts(rows: ReadonlyArray<readonly [string, Child]>): HTMLDListElement {
  const list = h("dl", { class: "kern-description-list" });
  for (const [key, value] of rows) {
    list.append(
      h(
        "div",
        { class: "kern-description-list-item" },
        h("dt", { class: "kern-description-list-item__key" }, key),
        h("dd", { class: "kern-description-list-item__value" }, value),
      ),
    );
  }
  return list;
}

/** Column of a table: heading and the cell of one row. */
export interface Column<T> {
  head: string;
  cell(row: T): Child;
}

/** table with a caption, inside a region that scrolls by itself and takes the focus. On a phone each row is a card whose cells carry their heading. */
export function table<T>(caption: string, columns: ReadonlyArray<Column<T>>, rows: readonly T[]): HTMLElement {
  const head = h("tr", { class: "kern-table__row" });
  for (const column of columns) head.append(h("th", { class: "kern-table__header", scope: "col" }, column.head));
  const body = h("tbody", { class: "kern-table__body" });
  for (const row of rows) body.append(tableRow(columns, row));
  const id = freshId("table");
  return h(
    "div",
    { class: "kern-table-responsive", tabindex: 0, role: "region", "aria-labelledby": id },
    h(
      "table",
      { class: "kern-table kern-table--small" },
      h("caption", { class: "kern-title", id }, caption),
      h("thead", { class: "kern-table__head" }, head),
      body,
    ),
  );
}

function tableRow<T>(columns: ReadonlyArray<Column<T>>, row: T): HTMLTableRowElement {
  const line = h("tr", { class: "kern-table__row" });
  columns.forEach((column, index) => {
    const content = column.cell(row);
    line.append(
      index === 0
        ? h("th", { class: "kern-table__cell", scope: "row" }, content)
        : h("td", { class: "kern-table__cell", "data-label": column.head }, content),
    );
  });
  return line;
}
