/**
 * Words that a person takes from one page into the chat, by a click on what they
 * have seen. They pass through sessionStorage, from which the page that takes
 * them up removes them at once; leaving the site (exit.ts) clears it as well.
 */
const KEY = "lotse.carried";

/** Opens the chat in a tab of its own with text for its box. Where the browser opens none, this tab goes there. */
export function carry(text: string, chat: string): void {
  try {
    sessionStorage.setItem(KEY, text);
  } catch {
    return void location.assign(chat); // nothing can be stored: the text stays on the page, to be copied
  }
  // The new tab begins with a copy of what this one holds.
  if (window.open(chat, "_blank")) sessionStorage.removeItem(KEY);
  else location.assign(chat);
}

/** The words that were carried here, once; empty when there are none. */
export function carried(): string {
  try {
    const text = sessionStorage.getItem(KEY) ?? "";
    sessionStorage.removeItem(KEY);
    return text;
  } catch {
    return "";
  }
}
