/**
 * Frames of the socket protocol lotse.chat.v1 as the browser sees them.
 * docs/protocol.md is the contract; these types repeat its field names and
 * add nothing. Times are RFC 3339 strings, `body` is base64url ciphertext.
 */

export const VERSION = "lotse.chat.v1";

export type ConversationState = "waiting" | "offered" | "active" | "deferred" | "closed" | "purged";
export type ConversationKind = "live" | "message" | "video";

/** A stored message. `seq` is gap-free from 1 in its conversation. */
export interface MessageFrame {
  t: "message"; c: string; seq: number; id: string; sender: string;
  epoch: number; n: number; after: number; body: string; at: string;
}

/** The confirmation that a message sent by this seat is durable. */
export interface AckFrame { t: "ack"; id: string; c: string; seq: number; at: string }

/** A wish to pass the conversation on; with step "ask" it waits for the seeker's word. */
export interface Transfer { step: string; team?: string; team_name?: string; person?: string; name?: string }

/** The whole visible state of one conversation; a newer rev replaces it. */
export interface StateFrame {
  t: "state"; c: string; rev: number; state: ConversationState; kind: ConversationKind;
  team: string; topic: string; language: string; epoch: number; seq: number; since: string;
  counsellor?: { name: string; kid: string };
  transfer?: Transfer;
  closed_by?: "seeker" | "counsellor" | "system"; keep_s?: number; purge_at?: string; warn_at?: string;
  /** To the seeker only. */
  on_gone?: "keep" | "discard";
  /** To staff only. */
  urgent?: boolean; seeker_here?: boolean; delivered?: number; read?: number;
}

export interface WelcomeFrame {
  t: "welcome"; seat: "seeker" | "staff"; c?: string; now: string;
  heartbeat_s: number; conversations?: StateFrame[];
}

/** Place in the queue, to a seeker; 0 while nobody is there who could take the chat. Seconds, a range. */
export interface QueueFrame { t: "queue"; c: string; position: number; low_s: number; high_s: number }
/** The queue of the counsellor's teams. */
export interface QueueItem {
  c: string; team: string; topic: string; language: string; kind: ConversationKind;
  since: string; urgent: boolean; position: number; seeker_here?: boolean; writing?: boolean;
}
export interface StaffQueueFrame { t: "queue"; items: QueueItem[] }
export interface OfferFrame extends Omit<QueueItem, "position"> { t: "offer"; deadline: string }
/** To a seeker: who has to be able to read from now on. */
export interface RosterFrame { t: "roster"; c: string; team: string; state_hash: string; readers: string[] }
export interface Duty { team: string; start: string; end: string; channels: string[] }
export interface StaffRosterFrame { t: "roster"; duties: Duty[] }
/** What the server holds of this desk. */
export interface DeskFrame { t: "status"; state: "ready" | "pause"; limit: number }
export interface TypingFrame { t: "typing"; c: string; who: string; on: boolean }
export interface ReadFrame { t: "read"; c: string; who: string; delivered: number; read: number }
export interface SignalFrame { t: "signal"; c: string; who: string; body: string }
/** `re` is the type of the frame it answers. */
export interface ErrorFrame { t: "error"; code: string; id?: string; c?: string; re?: string; retry_s?: number }
export interface ByeFrame { t: "bye"; code: number; reconnect: boolean; retry_ms?: number }

export type ServerFrame =
  | WelcomeFrame | AckFrame | MessageFrame | StateFrame | QueueFrame | StaffQueueFrame | OfferFrame
  | RosterFrame | StaffRosterFrame | DeskFrame | TypingFrame | ReadFrame | SignalFrame | ErrorFrame | ByeFrame;

/** What a client may send besides hello and send, which the wire sends itself. */
export type ClientFrame =
  | { t: "typing"; c: string; on: boolean }
  | { t: "read"; c: string; seq: number; delivered?: number }
  | { t: "accept"; c?: string }
  | { t: "decline"; c: string }
  | { t: "release"; c: string; as?: "leave" | "message" | "queue" }
  | { t: "transfer"; c: string; step: "ask" | "consent" | "refuse" | "cancel"; team?: string; person?: string }
  | { t: "close"; c: string }
  | { t: "status"; state: "ready" | "pause"; limit?: number }
  | { t: "status"; c: string; on_gone?: "keep" | "discard"; urgent?: boolean }
  | { t: "signal"; c: string; body: string };

/** The sealed part of one outgoing message. */
export interface Sealed { sender: string; epoch: number; n: number; after: number; body: string }

/** What hello proves: a seeker's token or a counsellor's single-use ticket. */
export type Credential = { token: string } | { ticket: string };
