import type { MessageFrame } from "./wire_frames";

/** How many messages of one conversation are held at most. */
const HELD = 512;

/**
 * Order lets each message of each conversation through exactly once and in
 * the order of seq. What comes too early is held: messages of a conversation
 * that the consumer does not track yet, and messages behind a hole (an ack
 * can overtake the message before it on another node).
 */
export class Order {
  private last = new Map<string, number>();
  private held = new Map<string, Map<number, MessageFrame>>();

  constructor(private deliver: (m: MessageFrame) => void) {}

  /** Begins delivery of c behind seq; going back is not possible. */
  track(c: string, seq: number): void {
    this.last.set(c, Math.max(seq, this.last.get(c) ?? 0));
    this.drain(c);
  }

  /** Stops delivery of c and forgets it. */
  forget(c: string): void {
    this.last.delete(c);
    this.held.delete(c);
  }

  /** The last delivered seq of each tracked conversation, for hello. */
  positions(): Record<string, number> {
    return Object.fromEntries(this.last);
  }

  /** The last delivered seq of c, 0 if there is none. */
  position(c: string): number {
    return this.last.get(c) ?? 0;
  }

  /** Takes one message from the network, in any order, any number of times. */
  offer(m: MessageFrame): void {
    const held = this.held.get(m.c) ?? new Map<number, MessageFrame>();
    this.held.set(m.c, held);
    if (held.size < HELD && !held.has(m.seq)) held.set(m.seq, m);
    this.drain(m.c);
  }

  /** True while a tracked conversation has a hole before a held message. */
  hole(): boolean {
    for (const [c, held] of this.held) {
      if (held.size > 0 && this.last.has(c)) return true;
    }
    return false;
  }

  private drain(c: string): void {
    const last = this.last.get(c);
    const held = this.held.get(c);
    if (last === undefined || !held) return;
    for (const seq of held.keys()) if (seq <= last) held.delete(seq);
    let next = last + 1;
    for (let m = held.get(next); m; m = held.get(++next)) {
      held.delete(next);
      this.last.set(c, next);
      this.deliver(m);
    }
  }
}
