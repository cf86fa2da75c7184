// Keyed lists: entries that stay keep their elements, so that the focus, a
// reader's place and a half-done click survive every update.

/** KeyedList keeps the children of one parent in step with an array. */
export class KeyedList<T, E extends HTMLElement> {
  #made = new Map<string, E>();

  /** make builds the element of a key once; update writes the present values into it. */
  constructor(
    private readonly parent: HTMLElement,
    private readonly key: (item: T) => string,
    private readonly make: (key: string) => E,
    private readonly update: (element: E, item: T, index: number) => void,
  ) {}

  /** show makes the list equal to items. Focus that was on a vanished entry moves to its neighbour. */
  show(items: readonly T[]): void {
    const focused = document.activeElement;
    this.#drop(new Set(items.map(this.key)));
    items.forEach((item, index) => this.#place(item, index));
    // Moving an element takes the focus from it.
    if (focused instanceof HTMLElement && this.parent.contains(focused) && focused !== document.activeElement) focused.focus();
  }

  #drop(wanted: Set<string>): void {
    for (const [key, element] of this.#made) {
      if (wanted.has(key)) continue;
      const neighbour = element.nextElementSibling ?? element.previousElementSibling;
      const focused = element.contains(document.activeElement);
      element.remove();
      this.#made.delete(key);
      if (focused) (neighbour?.querySelector<HTMLElement>("[data-item]") ?? this.parent.closest<HTMLElement>("[tabindex]"))?.focus();
    }
  }

  #place(item: T, index: number): void {
    const key = this.key(item);
    let element = this.#made.get(key);
    if (!element) {
      element = this.make(key);
      this.#made.set(key, element);
    }
    this.update(element, item, index);
    if (this.parent.children[index] !== element) this.parent.insertBefore(element, this.parent.children[index] ?? null);
  }
}
