/** The calls a seeker makes, in the shapes of docs/protocol.md. */
import { api, search } from "./api";
import type { Epoch, SignedState } from "./seal/index";
import type { ConversationKind, MessageFrame, StateFrame } from "./wire_frames";

/** What somebody asks for: fields as in the page's address, "" when not given. */
export interface Ask { topic: string; language: string; postcode: string; centre: string }

export interface Availability {
  /** unknown is said by the page when it cannot find out. */
  state: "free" | "queue" | "full" | "closed" | "unknown";
  position: number;
  wait_s: { low: number; high: number };
  opens_at: string | null;
}

export interface Team { id: string; name: string; policy: string; formal: boolean }

/** How long after their end conversations are kept, in seconds. */
export interface Kept { live: number; message: number }

/** Who is to read: the team, its signed chain, and the kids of its readers now. */
export interface Recipients { team: Team; chain: SignedState[]; readers: string[]; keep_s: Kept }

export interface Opening extends Ask {
  kind: ConversationKind; on_gone: "keep" | "discard"; token: string; epoch: Epoch;
}

/** The seeker's own conversation with all its epochs and the chains of their teams. */
export interface Own {
  conversation: StateFrame; room: string; epochs: Epoch[];
  chains: Record<string, SignedState[]>; has_return: boolean;
}

export interface Receipt { id: string; at: string; digest: string }

const own = "/api/v1/conversation";

export const availability = (ask: Ask): Promise<Availability> =>
  api("/api/v1/availability", { query: asked(ask) });

/** The address of the stream of availabilities. */
export const availabilityStream = (ask: Ask): string =>
  "/api/v1/availability/stream" + search(asked(ask));

export const recipients = (ask: Ask, kind: ConversationKind): Promise<Recipients> =>
  api("/api/v1/recipients", { query: { ...asked(ask), kind } });

/** The same for the team that a roster frame has named. */
export const teamRecipients = (token: string, team: string): Promise<Recipients> =>
  api("/api/v1/recipients", { token, query: { team } });

export const open = (o: Opening): Promise<{ id: string; token: string; state: string }> =>
  api("/api/v1/conversations", { body: { ...o, postcode: o.postcode || undefined, centre: o.centre || undefined } });

export const conversation = (token: string): Promise<Own> => api(own, { token });

/** All messages behind after, page by page. */
export async function history(token: string, after: number): Promise<MessageFrame[]> {
  const all: MessageFrame[] = [];
  for (let more = true; more;) {
    const query = { after: all.at(-1)?.seq ?? after, limit: 100 };
    const page = await api<{ messages: Omit<MessageFrame, "t" | "c">[]; more: boolean }>(own + "/messages", { token, query });
    all.push(...page.messages.map((m) => ({ ...m, t: "message" as const, c: "" })));
    more = page.more && page.messages.length > 0;
  }
  return all;
}

export const addEpoch = (token: string, epoch: Epoch): Promise<unknown> =>
  api(own + "/epochs", { token, body: epoch });

export const setReturn = (token: string, auth: string): Promise<void> =>
  api(own + "/return", { token, body: { auth } });

export const comeBack = (auth: string): Promise<{ token: string; id: string }> =>
  api("/api/v1/return", { body: { auth } });

export const erase = (token: string): Promise<{ receipt: Receipt }> =>
  api(own, { method: "DELETE", token });

const asked = (a: Ask) => ({ topic: a.topic, language: a.language, postcode: a.postcode, centre: a.centre });
