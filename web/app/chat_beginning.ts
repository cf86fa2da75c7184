/**
 * Before the conversation: who is there, who would read, and the first words
 * on their way. Until the server has taken them, nothing is stored.
 */
import { Problem } from "./api";
import * as server from "./chat_api";
import { watchAvailability } from "./chat_availability";
import type { Draft } from "./chat_compose";
import { begin, prepare, type Attempt } from "./chat_open";
import type { Seat } from "./chat_seat";
import { Untrusted } from "./chat_trust";
import { canChat } from "./chat_state";

export interface Told {
  available(a: server.Availability): void;
  /** The team that would read and how long it keeps, or undefined when there is none for the question. */
  team(found: server.Recipients | undefined): void;
  /**
   * The conversation exists, as a chat that waits or as a message; the words are
   * still to be sent. first is the choice of the first try: when only its answer
   * got lost, the server holds that one.
   */
  opened(seat: Seat, id: string, became: Became, draft: Draft, first: Draft["gone"]): void;
  /** Nothing was sent, for this reason. */
  refused(code: string): void;
  /** The readers could not be verified. */
  untrusted(code: string): void;
}

/** crowded: a chat was asked for, but too many wait from the same network; it is a message. */
export type Became = "live" | "message" | "crowded";

export class Beginning {
  private attempt: Attempt | undefined;
  private named = false;
  private unwatch: (() => void) | undefined;

  constructor(private told: Told) {}

  /** Tells who is there, and with naming also who would read, until rest is called. */
  watch(question: server.Ask, naming: boolean): void {
    this.unwatch ??= watchAvailability(question, (a) => {
      this.told.available(a);
      if (naming && !this.named) void this.name(question, canChat(a) ? "live" : "message");
    });
  }

  rest(): void {
    this.unwatch?.();
    this.unwatch = undefined;
  }

  /** Makes keys and opens. After a broken connection the same call finds the same conversation. */
  async open(question: server.Ask, kind: "live" | "message", draft: Draft): Promise<void> {
    try {
      if (this.attempt?.opening.kind !== kind) this.attempt = await prepare(question, kind, draft.gone, {});
      const first = this.attempt.opening;
      const { seat, id, state } = await begin({ ...this.attempt, opening: { ...first, on_gone: draft.gone } });
      this.attempt = undefined;
      this.told.opened(seat, id, kind === "live" && state === "deferred" ? "crowded" : kind, draft, first.on_gone);
    } catch (err) {
      this.failed(err);
    }
  }

  private failed(err: unknown): void {
    if (err instanceof Untrusted) return this.told.untrusted(err.code);
    if (!(err instanceof Problem)) throw err;
    if (err.code !== "offline") this.attempt = undefined;
    const now = err.body.detail_data as server.Availability | undefined;
    if (now?.state) this.told.available(now);
    this.told.refused(err.code);
  }

  /** For the sentence of consent, before anything is written. */
  private async name(question: server.Ask, kind: "live" | "message"): Promise<void> {
    this.named = true;
    try {
      this.told.team(await server.recipients(question, kind));
    } catch (err) {
      if (err instanceof Problem && err.code === "no_team") this.told.team(undefined);
      else this.named = false;
    }
  }
}
