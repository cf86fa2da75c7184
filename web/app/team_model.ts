// What the console shows, as plain values. The views read these; only the desk
// and its talks write them.
import type { StateFrame } from "./wire";

/** TalkState is the whole visible state of one conversation, as the server tells it to staff. */
export type TalkState = StateFrame & { rev?: number; seq?: number; topic?: string; language?: string; urgent?: boolean };

/** Entry is one line of the conversation log. */
export interface Entry {
  id: string;
  /** seeker, me, another counsellor, or a remark of this page about the log itself. */
  who: "seeker" | "me" | "colleague" | "remark";
  name: string;
  text: string;
  /** RFC 3339; empty while the server has not confirmed it. */
  at: string;
  /** Position in the conversation, 0 while it is not confirmed. */
  seq: number;
  /** Only for own entries. */
  progress?: "sending" | "sent" | "failed";
  /** Why there is no text: missing, altered or locked. */
  broken?: "missing" | "altered" | "locked";
  /** How many messages a missing entry stands for. */
  count?: number;
}

/** Reader is one person whose key opens the conversation. */
export interface ReaderFact {
  kid: string;
  kind: "seeker" | "staff" | "recovery";
  name: string;
  /** Words that stand for the key, to compare by telephone. */
  words: string;
}

/** EpochFact is one set of readers, oldest first. */
export interface EpochFact {
  n: number;
  readers: number;
  /** False when this browser holds no key of that epoch. */
  readable: boolean;
}

/** Stop is a reason why nothing may be sent or believed any more; code is a text key below team.stop. */
export interface Stop {
  code: string;
  reason: string;
}

/** Colleague can be asked to take over. */
export interface Colleague {
  id: string;
  name: string;
  kid: string;
}

/** TeamInfo is a team this person works in. */
export interface TeamInfo {
  id: string;
  name: string;
  formal: boolean;
  policy: "team" | "duty";
  colleagues: Colleague[];
}

/** Duty is one span of the own roster. */
export interface Duty {
  team: string;
  start: string;
  end: string;
  channels: string[];
}

/** dutyEnd is when the present duty ends, spans that follow each other taken as one; now when there is none. */
export function dutyEnd(duties: readonly Duty[], now: number): number {
  let end = now;
  for (const duty of [...duties].sort((a, b) => Date.parse(a.start) - Date.parse(b.start))) {
    if (Date.parse(duty.start) <= end) end = Math.max(end, Date.parse(duty.end));
  }
  return end;
}

/** mineNow tells whether a conversation is in this person's hands. */
export function mineNow(state: TalkState, kid: string): boolean {
  return state.state === "active" && state.counsellor?.kid === kid;
}

/** ended tells whether a conversation is over. */
export function ended(state: TalkState): boolean {
  return state.state === "closed" || state.state === "purged";
}
