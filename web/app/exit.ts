/**
 * Leaving the site at once: the exit link, and Shift three times within five
 * seconds. The page is blanked before anything else happens, what it stored is
 * wiped, and the entry in the history is replaced, so that Back shows nothing of
 * it. Without script the link does its part alone.
 */

const WITHIN_MS = 5000;
const PRESSES = 3;

/** Wires every link with data-exit and the keyboard. Call it once per page. */
export function watchExit(): void {
  const links = document.querySelectorAll<HTMLAnchorElement>("a[data-exit]");
  const target = links[0]?.href;
  if (!target) return;
  for (const link of links) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      leave(target);
    });
  }
  for (const hint of document.querySelectorAll<HTMLElement>(".exit__keys")) hint.hidden = false;
  watchShift(() => leave(target));
  // A page taken out of the browser's memory may be as old as what was left behind.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
}

/** Blanks the page, wipes what it stored and goes to target, which leads on to a neutral site. */
export function leave(target: string): void {
  dispatchEvent(new Event("lotse:exit")); // what runs on the page stops and keeps nothing
  document.title = "\u00a0";
  document.body.replaceChildren();
  wipe();
  location.replace(target);
}

/** Deletes everything this site may have stored in the browser. */
function wipe(): void {
  for (const clear of [() => sessionStorage.clear(), () => localStorage.clear()]) {
    try {
      clear();
    } catch {
      // Storage is switched off; then there is nothing to clear.
    }
  }
  void forgetDatabases();
}

async function forgetDatabases(): Promise<void> {
  try {
    for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name);
  } catch {
    // No databases, or the page is gone already; Clear-Site-Data does the rest.
  }
}

/** Calls back after three presses of Shift with nothing between them. */
function watchShift(then: () => void): void {
  let presses: number[] = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Shift") {
      presses = [];
    } else if (!event.repeat) {
      presses = [...presses.filter((at) => event.timeStamp - at < WITHIN_MS), event.timeStamp];
      if (presses.length >= PRESSES) then();
    }
  });
}
