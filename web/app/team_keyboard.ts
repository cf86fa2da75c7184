// Keyboard of the console: single letters act only outside text fields and can
// be switched off (WCAG 2.1.4); F6 walks from region to region and always works.

/** Shortcut binds one character; the text is shown in the list. */
export interface Shortcut {
  key: string;
  text: string;
  run(): void;
}

const SWITCH = "lotse-shortcuts";

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Keyboard listens for the whole page while no dialog is open. */
export class Keyboard {
  #shortcuts: Shortcut[] = [];
  #regions: () => HTMLElement[] = () => [];

  get on(): boolean {
    return localStorage.getItem(SWITCH) !== "off";
  }

  set on(value: boolean) {
    if (value) localStorage.removeItem(SWITCH);
    else localStorage.setItem(SWITCH, "off");
  }

  /** start attaches the listener; regions are asked anew at each F6, in their visual order. */
  start(shortcuts: Shortcut[], regions: () => HTMLElement[]): void {
    this.#shortcuts = shortcuts;
    this.#regions = regions;
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  #press(event: KeyboardEvent): void {
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "F6") return this.#jump(event);
    if (!this.on || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
    const hit = this.#shortcuts.find((shortcut) => shortcut.key === event.key.toLowerCase());
    if (!hit) return;
    event.preventDefault();
    hit.run();
  }

  #jump(event: KeyboardEvent): void {
    event.preventDefault();
    const regions = this.#regions();
    if (regions.length === 0) return;
    const here = regions.findIndex((region) => region.contains(document.activeElement));
    const step = event.shiftKey ? -1 : 1;
    const next = here < 0 ? 0 : (here + step + regions.length) % regions.length;
    regions[next]?.focus();
  }
}

/** walkList moves the focus among the buttons of a list with the arrow keys, Home and End. */
export function walkList(list: HTMLElement): void {
  list.addEventListener("keydown", (event) => {
    const items = [...list.querySelectorAll<HTMLElement>("[data-item]")];
    const here = items.indexOf(document.activeElement as HTMLElement);
    const next = target(event.key, here, items.length);
    if (here < 0 || next === null) return;
    event.preventDefault();
    items[next]?.focus();
  });
}

function target(key: string, here: number, length: number): number | null {
  if (key === "ArrowDown") return Math.min(here + 1, length - 1);
  if (key === "ArrowUp") return Math.max(here - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  return null;
}
