/**
 * The socket client of lotse.chat.v1, shared by the chat and the console.
 *
 * It promises: each message of a tracked conversation reaches `message`
 * exactly once and in the order of seq, own messages included; a message
 * given to `send` is sent until the server has made it durable or refused
 * it; the state of the line is told honestly. It does not promise that
 * typing, read marks and commands arrive.
 *
 * It keeps nothing outside memory, knows no keys and never sees plain text.
 */
import { browserEnv, socketURL, type DeviceEvent, type Env, type Socket } from "./wire_env";
import {
  VERSION, type AckFrame, type ByeFrame, type ClientFrame, type Credential, type ErrorFrame,
  type MessageFrame, type Sealed, type ServerFrame, type WelcomeFrame,
} from "./wire_frames";
import { Order } from "./wire_order";
import { Queue } from "./wire_queue";

export * from "./wire_frames";
export { Refused } from "./wire_queue";

/** How the line is. `stopped` is final until `start` is called again. */
export type Line =
  | { line: "connecting" }
  | { line: "online" }
  | { line: "offline"; retry_ms: number }
  | { line: "stopped"; reason: "auth" | "forbidden" | "replaced" | "bye" | "left" };

export interface Handlers {
  /** The line changed. */
  line?(l: Line): void;
  /** The server has accepted this seat; called on each connection, before its other frames. */
  welcome?(w: WelcomeFrame): void;
  /** One message of a tracked conversation, exactly once, in order. */
  message?(m: MessageFrame): void;
  /** Every other frame except the heartbeat: state, queue, offer, roster, typing, read, signal, error, bye. */
  frame?(f: ServerFrame): void;
}

export interface Options extends Handlers {
  /** Asked before each hello; a rejection counts as a lost connection. */
  credential(): Promise<Credential>;
  /**
   * Asked when a message was refused with this code: true seals and sends it
   * again with the same id (for example after a new epoch was made).
   */
  repair?(c: string, code: string): Promise<boolean>;
  url?: string;
  env?: Env;
}

const SILENCE = 35_000; // no frame for so long means the line is dead
const HANDSHAKE = 15_000; // from dialling to welcome
const HOLE = 2_000; // a hole in the order is filled by then or fetched again
const STEADY = 10_000; // a connection that lived so long resets the back-off
const LOW = 500, HIGH = 20_000; // back-off, milliseconds

/** Close codes that end the line, with what the page is told. */
const FINAL: Record<number, "auth" | "forbidden" | "replaced"> = {
  4001: "auth", 4003: "forbidden", 4009: "replaced",
};

export class Wire {
  private readonly env: Env;
  private readonly order: Order;
  private readonly queue: Queue;
  private socket: Socket | undefined;
  private connection = 0; // number of the welcomed connection, 0 = none
  private connections = 0;
  private attempt = 0;
  private welcomed = 0; // when the present connection was welcomed
  private heard = 0; // when the last frame came
  private wait: number | undefined; // the server's wish for the next delay
  private refusedOnce = false;
  private running = false;
  private timers = new Map<string, () => void>();
  private unwatch: (() => void) | undefined;
  private parked: ClientFrame[] = [];

  constructor(private readonly options: Options) {
    this.env = options.env ?? browserEnv();
    this.order = new Order((m) => this.options.message?.(m));
    this.queue = new Queue({
      connection: () => this.connection,
      transmit: (f) => this.transmit(f),
      after: (ms, f) => this.env.after(ms, f),
      repair: (c, code) => this.options.repair?.(c, code) ?? Promise.resolve(false),
    });
  }

  /** Opens the line and keeps it open until stop or a final answer. */
  start(): void {
    if (this.running) return;
    this.running = true;
    this.attempt = 0;
    this.unwatch = this.env.watch((e) => this.device(e));
    void this.dial();
  }

  /** Closes the line. Messages that wait stay; start sends them. */
  stop(): void {
    this.end("left");
  }

  /** True while the server listens. */
  get online(): boolean {
    return this.connection !== 0;
  }

  /** Number of messages that are not yet durable. */
  get pending(): number {
    return this.queue.size;
  }

  /** Begins delivery of c behind seq: 0 for everything, or the last seq loaded by HTTP. */
  track(c: string, seq: number): void {
    this.order.track(c, seq);
    this.watchHole();
  }

  /** Ends delivery of c. */
  forget(c: string): void {
    this.order.forget(c);
  }

  /** The last delivered seq of c. */
  position(c: string): number {
    return this.order.position(c);
  }

  /**
   * Sends one message. seal is called when it is the message's turn and again
   * after a successful repair; it must give the same n each time. The promise
   * gives the ack or is rejected (Refused with the server's code, or the
   * error of seal: then nothing was sent).
   */
  send(c: string, id: string, seal: () => Promise<Sealed>): Promise<AckFrame> {
    return this.queue.add(c, id, seal);
  }

  /**
   * Sends a frame now and returns whether the line was open. With keep, a
   * frame that could not be sent goes out after the next welcome.
   */
  tell(frame: ClientFrame, keep = false): boolean {
    if (this.connection !== 0) {
      this.transmit(frame);
      return true;
    }
    if (keep) this.parked.push(frame);
    return false;
  }

  /** Dials at once if the line waits for its next attempt ("try again now"). */
  hurry(): void {
    if (this.running && !this.socket && this.timers.has("dial")) void this.dial();
  }

  private async dial(): Promise<void> {
    this.cancel("dial");
    const me = ++this.connections;
    this.tellLine({ line: "connecting" });
    this.timer("handshake", HANDSHAKE, () => this.lost(me, 1006));
    let credential: Credential;
    try {
      credential = await this.options.credential();
    } catch {
      this.lost(me, 1006);
      return;
    }
    if (!this.running || me !== this.connections) return;
    const socket = this.env.socket(this.options.url ?? socketURL());
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify(this.hello(credential)));
    socket.onmessage = (e) => { if (me === this.connections) this.receive(me, e.data); };
    socket.onclose = (e) => this.lost(me, e.code);
  }

  private hello(credential: Credential): object {
    const proof = "token" in credential ? { token: credential.token } : { ticket: credential.ticket };
    return { t: "hello", v: VERSION, ...proof, last: this.order.positions() };
  }

  private receive(me: number, data: unknown): void {
    this.heard = this.env.now();
    this.timer("silence", SILENCE, () => this.drop());
    const frame = parse(data);
    if (!frame) return;
    if (!frame.t) this.transmit({});
    else if (frame.t === "welcome") this.welcome(me, frame);
    else this.take(frame);
  }

  private welcome(me: number, frame: WelcomeFrame): void {
    this.cancel("handshake");
    this.connection = me;
    this.welcomed = this.env.now();
    this.refusedOnce = false;
    this.tellLine({ line: "online" });
    this.options.welcome?.(frame);
    for (const f of this.parked.splice(0)) this.transmit(f);
    this.queue.pump();
  }

  private take(frame: Exclude<ServerFrame, WelcomeFrame>): void {
    switch (frame.t) {
      case "message": return this.arrived(frame);
      case "ack": return this.acknowledged(frame);
      case "error": return this.failed(frame);
      case "bye": return this.bye(frame);
      default: this.options.frame?.(frame);
    }
  }

  private arrived(m: MessageFrame): void {
    this.queue.seen(m);
    this.order.offer(m);
    this.watchHole();
    this.queue.pump();
  }

  private acknowledged(a: AckFrame): void {
    const own = this.queue.acknowledged(a);
    if (own) this.order.offer(own);
    this.watchHole();
    this.queue.pump();
  }

  private failed(e: ErrorFrame): void {
    if (!this.queue.failed(e)) this.options.frame?.(e);
  }

  private bye(b: ByeFrame): void {
    this.wait = b.retry_ms;
    this.options.frame?.(b);
    if (b.reconnect) return; // the close that follows says the same
    if (FINAL[b.code]) this.lost(this.connections, b.code);
    else this.end("bye");
  }

  /** A hole that stays means that something was lost on the way: resume. */
  private watchHole(): void {
    if (!this.order.hole()) this.cancel("hole");
    else if (!this.timers.has("hole")) this.timer("hole", HOLE, () => this.drop(4010));
  }

  private device(e: DeviceEvent): void {
    if (!this.running) return;
    if (e === "offline") this.drop();
    else if (!this.socket) this.hurry();
    else if (e === "online" || this.env.now() - this.heard > SILENCE) this.drop(4010);
  }

  /** Gives up the present socket and dials again. */
  private drop(code = 1006): void {
    this.lost(this.connections, code);
  }

  /** The connection me is gone, whoever closed it. */
  private lost(me: number, code: number): void {
    if (me !== this.connections || !this.running) return;
    this.hangUp();
    const final = FINAL[code];
    if (final === "auth" && !this.refusedOnce) this.refusedOnce = true;
    else if (final) return this.end(final);
    const delay = this.delay(code);
    this.timer("dial", delay, () => void this.dial());
    this.tellLine({ line: "offline", retry_ms: delay });
  }

  private hangUp(): void {
    const socket = this.socket;
    const steady = this.connection !== 0 && this.env.now() - this.welcomed >= STEADY;
    if (steady) this.attempt = 0;
    this.socket = undefined;
    this.connection = 0;
    this.connections++;
    for (const name of ["handshake", "silence", "hole", "dial"]) this.cancel(name);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** Full jitter between LOW and a doubling ceiling; the server's wish wins. */
  private delay(code: number): number {
    const asked = this.wait;
    this.wait = undefined;
    if (asked !== undefined) return asked;
    const floor = code === 4029 ? 5_000 : LOW;
    const ceiling = Math.max(floor, Math.min(HIGH, LOW * 2 ** ++this.attempt));
    return floor + this.env.random() * (ceiling - floor);
  }

  private end(reason: "auth" | "forbidden" | "replaced" | "bye" | "left"): void {
    if (!this.running) return;
    this.running = false;
    this.hangUp();
    this.unwatch?.();
    this.parked = [];
    if (reason === "auth" || reason === "forbidden") this.queue.clear(reason);
    this.tellLine({ line: "stopped", reason });
  }

  private transmit(frame: object): void {
    this.socket?.send(JSON.stringify(frame));
  }

  private tellLine(l: Line): void {
    this.options.line?.(l);
  }

  private timer(name: string, ms: number, f: () => void): void {
    this.cancel(name);
    this.timers.set(name, this.env.after(ms, () => {
      this.timers.delete(name);
      f();
    }));
  }

  private cancel(name: string): void {
    this.timers.get(name)?.();
    this.timers.delete(name);
  }
}

/** One frame, or undefined for what is not a JSON object. */
function parse(data: unknown): (ServerFrame & { t: string }) | { t?: undefined } | undefined {
  try {
    const value: unknown = typeof data === "string" ? JSON.parse(data) : undefined;
    return typeof value === "object" && value !== null ? value as ServerFrame : undefined;
  } catch {
    return undefined;
  }
}
