/** Keeps telling whether somebody is there, as long as the page wants to know. */
import { availability, availabilityStream, type Ask, type Availability } from "./chat_api";

/** How often the page asks when the stream does not work, milliseconds. */
const POLL = 20_000;

const UNKNOWN: Availability = { state: "unknown", position: 0, wait_s: { low: 0, high: 0 }, opens_at: null };

/** Calls f with each availability until the result is called. */
export function watchAvailability(ask: Ask, f: (a: Availability) => void): () => void {
  const stream = new EventSource(availabilityStream(ask));
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const poll = async () => {
    const now = await availability(ask).catch(() => UNKNOWN);
    if (over) return;
    f(now);
    timer = setTimeout(() => void poll(), POLL * (0.8 + Math.random() * 0.4));
  };
  stream.addEventListener("availability", (e) => f(JSON.parse((e as MessageEvent<string>).data) as Availability));
  stream.addEventListener("error", () => {
    if (stream.readyState === EventSource.CLOSED && !timer) void poll();
  });
  return () => {
    over = true;
    stream.close();
    clearTimeout(timer);
  };
}
