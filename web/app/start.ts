/**
 * Public pages: the exit everywhere, and on the start page the light that says
 * whether somebody is there, kept up to date for what the person has chosen.
 */
import { describe, type Availability } from "./here";
import { watchExit } from "./exit";

watchExit();
const light = document.getElementById("here");
const form = document.querySelector<HTMLFormElement>("form#ask");
if (light && form) watchHere(light, form);

/** Listens for changes and starts anew whenever the choice changes. */
function watchHere(light: HTMLElement, form: HTMLFormElement): void {
  let stream = listen(light, form);
  form.addEventListener("change", () => {
    stream.close();
    stream = listen(light, form);
  });
  addEventListener("pagehide", () => stream.close());
}

function listen(light: HTMLElement, form: HTMLFormElement): EventSource {
  const stream = new EventSource("/api/v1/availability/stream?" + query(form));
  stream.addEventListener("availability", (event) => {
    tell(light, JSON.parse((event as MessageEvent<string>).data) as Availability);
  });
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED) tell(light, unknown);
  });
  return stream;
}

const unknown: Availability = { state: "unknown", position: 0, wait_s: { low: 0, high: 0 }, opens_at: null };

/** The choice as a query; a postcode that is being typed counts only when it is whole. */
function query(form: HTMLFormElement): string {
  const chosen = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value && (name !== "postcode" || /^\d{5}$/.test(value))) chosen.set(name, value);
  }
  return chosen.toString();
}

/** Shows an availability; a text that stays the same is not read out again. */
function tell(light: HTMLElement, a: Availability): void {
  const text = light.querySelector(".here__text");
  const lines = describe(a);
  if (!text || text.textContent?.trim().replace(/\s+/g, " ") === lines.join(" ")) return;
  light.className = "here here--" + a.state;
  light.dataset.state = a.state;
  text.replaceChildren(...lines.flatMap((line) => {
    const span = document.createElement("span");
    span.className = "here__line";
    span.textContent = line;
    return [span, " "];
  }));
}
