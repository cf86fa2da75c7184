// Facts that the template puts beside the script as JSON, by element id.

/** pageData reads one of them; a page without it gets the empty value. */
export function pageData<T>(id: string, empty: T): T {
  const text = document.getElementById(id)?.textContent;
  return text ? (JSON.parse(text) as T) : empty;
}

let topics: Record<string, string> | undefined;

/** topicNames are all topics of this server, id → name in the language of the page. */
export function topicNames(): Record<string, string> {
  topics ??= pageData<Record<string, string>>("topics", {});
  return topics;
}
