import type { AckFrame, ErrorFrame, MessageFrame, Sealed } from "./wire_frames";

/** Why a message was refused for good; `code` is the server's. */
export class Refused extends Error {
  constructor(readonly code: string) {
    super(code);
    this.name = "Refused";
  }
}

interface Item {
  c: string; id: string;
  seal: () => Promise<Sealed>;
  sealing?: Promise<Sealed>;
  sealed?: Sealed;
  /** The connection on which the message is under way, 0 = none. */
  via: number;
  resolve: (a: AckFrame) => void;
  reject: (e: Error) => void;
}

/** What the queue needs of the wire. */
export interface Line {
  /** Number of the present connection, 0 while there is none. */
  connection(): number;
  transmit(frame: object): void;
  after(ms: number, f: () => void): () => void;
  /** Asks the consumer whether the message may be sealed again and tried again. */
  repair(c: string, code: string): Promise<boolean>;
}

/**
 * Queue holds messages until the server has acknowledged them. One message
 * per conversation is under way at a time, so their order is the order of
 * sending whatever is refused or lost. It lives in memory only. A message
 * that cannot be sealed is refused, never sent otherwise.
 */
export class Queue {
  private items: Item[] = [];

  constructor(private line: Line) {}

  /** Adds a message; the promise settles when it is durable or refused. */
  add(c: string, id: string, seal: () => Promise<Sealed>): Promise<AckFrame> {
    return new Promise((resolve, reject) => {
      this.items.push({ c, id, seal, via: 0, resolve, reject });
      this.pump();
    });
  }

  /** Number of messages that are not yet acknowledged. */
  get size(): number {
    return this.items.length;
  }

  /** Sends the head of each conversation that is not under way. */
  pump(): void {
    const seen = new Set<string>();
    for (const item of [...this.items]) {
      if (seen.has(item.c)) continue;
      seen.add(item.c);
      const now = this.line.connection();
      if (now !== 0 && item.via !== now) {
        item.via = now;
        void this.dispatch(item, now);
      }
    }
  }

  /**
   * Settles the message that a belongs to; the result is the message as
   * stored. The next one goes with pump, after this one was delivered.
   */
  acknowledged(a: AckFrame): MessageFrame | undefined {
    const item = this.take(a.id);
    if (!item?.sealed) return undefined;
    item.resolve(a);
    return { t: "message", c: a.c, seq: a.seq, id: a.id, at: a.at, ...item.sealed };
  }

  /** A stored message with the id of a queued one is its acknowledgement. */
  seen(m: MessageFrame): void {
    const item = this.take(m.id);
    if (!item) return;
    item.resolve({ t: "ack", id: m.id, c: m.c, seq: m.seq, at: m.at });
  }

  /** Handles an error that names a queued message. Returns false if it names none. */
  failed(e: ErrorFrame): boolean {
    const item = this.items.find((i) => i.id === e.id);
    if (!item) return false;
    if (e.retry_s !== undefined) this.later(item, e.retry_s);
    else void this.repair(item, e.code);
    return true;
  }

  /** Refuses everything that waits, for example because the seat is gone. */
  clear(code: string): void {
    for (const item of this.items.splice(0)) item.reject(new Refused(code));
  }

  private async dispatch(item: Item, connection: number): Promise<void> {
    try {
      item.sealing ??= item.seal();
      item.sealed = await item.sealing;
    } catch (err) {
      this.refuse(item, err instanceof Error ? err : new Error(String(err)));
      return;
    }
    if (this.line.connection() !== connection || !this.items.includes(item)) return;
    const { epoch, n, after, body } = item.sealed;
    this.line.transmit({ t: "send", c: item.c, id: item.id, epoch, n, after, body });
  }

  private later(item: Item, seconds: number): void {
    this.line.after(seconds * 1000, () => {
      item.via = 0;
      this.pump();
    });
  }

  private async repair(item: Item, code: string): Promise<void> {
    let again = false;
    try {
      again = await this.line.repair(item.c, code);
    } finally {
      if (again) {
        item.sealing = undefined;
        item.via = 0;
        this.pump();
      } else this.refuse(item, new Refused(code));
    }
  }

  private refuse(item: Item, err: Error): void {
    if (this.take(item.id)) item.reject(err);
    this.pump();
  }

  private take(id: string): Item | undefined {
    const at = this.items.findIndex((i) => i.id === id);
    return at < 0 ? undefined : this.items.splice(at, 1)[0];
  }
}
