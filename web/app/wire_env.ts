/**
 * What the wire needs of its surroundings, so that tests can bring their own
 * clock, network and dice. browserEnv is the only part that touches window.
 */

/** The part of WebSocket that the wire uses. */
export interface Socket {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((e: { data: unknown }) => void) | null;
  onclose: ((e: { code: number }) => void) | null;
}

/** Events of the device: the network went or came, the page woke up. */
export type DeviceEvent = "online" | "offline" | "wake";

export interface Env {
  socket(url: string): Socket;
  /** Milliseconds, any origin. */
  now(): number;
  /** In [0, 1). */
  random(): number;
  /** Calls f once after ms; the result cancels. */
  after(ms: number, f: () => void): () => void;
  /** Reports device events until the result is called. */
  watch(f: (e: DeviceEvent) => void): () => void;
}

/** The surroundings in a browser. */
export function browserEnv(): Env {
  return {
    socket: (url) => new WebSocket(url) as unknown as Socket,
    now: () => Date.now(),
    random: () => Math.random(),
    after(ms, f) {
      const id = setTimeout(f, ms);
      return () => clearTimeout(id);
    },
    watch,
  };
}

function watch(f: (e: DeviceEvent) => void): () => void {
  const stop = new AbortController();
  const on = { signal: stop.signal };
  addEventListener("online", () => f("online"), on);
  addEventListener("offline", () => f("offline"), on);
  addEventListener("pageshow", (e) => { if (e.persisted) f("wake"); }, on);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") f("wake");
  }, on);
  return () => stop.abort();
}

/** The socket address of the server that served this page. */
export function socketURL(): string {
  return location.origin.replace(/^http/, "ws") + "/ws";
}
