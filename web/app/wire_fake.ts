/** Surroundings of the wire for tests: a clock, a network and dice that obey. */
import type { DeviceEvent, Env, Socket } from "./wire_env";

/** Of Node, where alone this runs. */
declare function setImmediate(f: () => void): void;

/** Lets everything happen that waits for nothing. */
export const settle = () => new Promise<void>((done) => setImmediate(done));

/** A world with its own clock, network and dice. */
export class World implements Env {
  clock = 0;
  dice = 0.5;
  sockets: Fake[] = [];
  private timers = new Map<number, { at: number; f: () => void }>();
  private ids = 0;
  private watcher: ((e: DeviceEvent) => void) | undefined;

  /** Called with each new socket, before anything happens on it. */
  dialled: (s: Fake) => void = () => {};

  socket(): Socket {
    const s = new Fake();
    this.sockets.push(s);
    this.dialled(s);
    return s;
  }
  now() { return this.clock; }
  random() { return this.dice; }
  after(ms: number, f: () => void) {
    const id = ++this.ids;
    this.timers.set(id, { at: this.clock + ms, f });
    return () => { this.timers.delete(id); };
  }
  watch(f: (e: DeviceEvent) => void) {
    this.watcher = f;
    return () => { this.watcher = undefined; };
  }
  device(e: DeviceEvent) { this.watcher?.(e); }
  get watched() { return this.watcher !== undefined; }

  /** Lets ms pass and settles promises after each timer. */
  async pass(ms: number) {
    const end = this.clock + ms;
    await settle();
    for (;;) {
      const due = [...this.timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.timers.delete(due[0]);
      this.clock = due[1].at;
      due[1].f();
      await settle();
    }
    this.clock = end;
  }
  get last(): Fake { return this.sockets.at(-1)!; }
}

export class Fake implements Socket {
  sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  /** Called with each frame the client sends. */
  heard: (frame: Record<string, unknown>) => void = () => {};
  send(text: string) {
    const frame = JSON.parse(text) as Record<string, unknown>;
    this.sent.push(frame);
    this.heard(frame);
  }
  close() { this.closed = true; }
  say(frame: object | string) {
    this.onmessage?.({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  }
  of(t: string) { return this.sent.filter((f) => f.t === t); }
}

