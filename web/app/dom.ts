/**
 * Builders of elements. Everything is made with createElement and textContent,
 * so that no string is ever parsed as markup (Trusted Types are off limits).
 */

export type Child = Node | string | null | undefined | false;
type Value = string | number | boolean | null | undefined | ((e: Event) => void);

/**
 * h makes an element. A function becomes the listener of the event of that
 * name, true an empty attribute; false, null and undefined leave it out.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K, props: Record<string, Value> = {}, ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  put(element, children);
  return element;
}

/** Replaces everything inside parent. */
export function fill(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  put(parent, children);
}

function put(parent: Element, children: Child[]): void {
  for (const child of children) if (child || child === "") parent.append(child);
}

/** Writes text only when it changes, so that a live region speaks once. */
export function say(region: Element, text: string): void {
  if (region.textContent !== text) region.textContent = text;
}

/** Shows or hides without touching what stays as it is. */
export function show(element: HTMLElement, visible: boolean): void {
  if (element.hidden === visible) element.hidden = !visible;
}

/** Finds an element that the template promises. */
export function one<T extends HTMLElement = HTMLElement>(selector: string, within: ParentNode = document): T {
  const found = within.querySelector<T>(selector);
  if (!found) throw new Error("page lacks " + selector);
  return found;
}
