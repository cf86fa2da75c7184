/** The way from the first words to a conversation. */
import { Problem } from "./api";
import * as server from "./chat_api";
import { Seat } from "./chat_seat";
import type { Stored } from "./chat_store";
import type { Epoch } from "./seal/index";

/** An opening that may have to be repeated: the same token gives the same conversation. */
export interface Attempt { seat: Seat; opening: server.Opening }

/** How often changed recipients are asked for again. */
const TRIES = 3;

/** Finds out who is to read and makes the keys. Nothing has left the browser yet. */
export async function prepare(ask: server.Ask, kind: "live" | "message", gone: "keep" | "discard", pins: Stored["pins"]): Promise<Attempt> {
  const to = await server.recipients(ask, kind);
  const { seat, epoch } = await Seat.begin(to, pins);
  return { seat, opening: opening(ask, kind, gone, seat.stored.token, epoch) };
}

function opening(ask: server.Ask, kind: "live" | "message", gone: "keep" | "discard", token: string, epoch: Epoch): server.Opening {
  return { ...ask, kind, on_gone: gone, token, epoch };
}

/** Opens the conversation; asks again when the readers have changed meanwhile. Gives its id, and what it has become. */
export async function begin(first: Attempt): Promise<{ seat: Seat; id: string; state: string }> {
  let attempt = first;
  for (let left = TRIES; ; left--) {
    try {
      const { id, state } = await server.open(attempt.opening);
      return { seat: attempt.seat, id, state };
    } catch (err) {
      if (!(err instanceof Problem) || err.code !== "recipients_changed" || left <= 1) throw err;
      const { kind, on_gone } = attempt.opening;
      attempt = await prepare(attempt.opening, kind === "message" ? "message" : "live", on_gone, attempt.seat.stored.pins);
    }
  }
}
