/**
 * What the page says in each situation: data in, texts and possible actions
 * out. No element, no network, so that every situation can be tested.
 */
import type { Availability, Receipt } from "./chat_api";
import { span } from "./texts";

/** A text key with its arguments. */
export type Say = [key: string, args?: Record<string, string | number>];

/** What the person can do, one button each. */
export type Action = "message" | "leave" | "requeue" | "code" | "save" | "delete" | "anew" | "here" | "return" | "retry" | "other";

/** The light beside the heading. */
export type Light = "free" | "queue" | "away" | "alarm";

export interface Card { light: Light; heading: Say; wait?: Say; text?: Say; detail?: Say; actions: Action[] }

export type Phase =
  | "looking" // nothing known yet
  | "ask" // nothing begun, the availability is known
  | "opening" // the first words are on their way
  | "waiting" | "active" | "deferred" | "closed" // as the server says
  | "gone" // the conversation does not exist (any more)
  | "deleted" // deleted by the person
  | "elsewhere" // a newer tab has taken over
  | "broken"; // a check failed, nothing is sent

export interface Situation {
  phase: Phase;
  /** What the first words will become. */
  want: "live" | "message";
  availability?: Availability | undefined;
  queue?: { position: number; low_s: number; high_s: number } | undefined;
  offered?: boolean; // somebody is being asked to take over, whatever the queue said before
  /** No team answers such a question here. */
  noTeam: boolean;
  /** Somebody was there already and the conversation waits again. */
  again: boolean;
  /** A chat was asked for and is a message now: too many wait from the same network. */
  crowded: boolean;
  /** Name of the counsellor, "" if there is none. */
  name: string;
  hasCode: boolean;
  closedBy?: "seeker" | "counsellor" | "system" | undefined;
  /** How long after the end it will be kept, in seconds, until that is known as a moment. */
  keep?: number | undefined;
  /** When everything will be gone, as the reader writes it. */
  purge: string;
  opens: string;
  reason: string;
  receipt?: Receipt | undefined;
}

/** The card for a situation. */
export function card(s: Situation): Card {
  return cards[s.phase](s);
}

const cards: Record<Phase, (s: Situation) => Card> = {
  looking: () => ({ light: "away", heading: ["chat.app.looking"], actions: [] }),
  ask: (s) => {
    if (s.noTeam) return { light: "away", heading: ["chat.app.no_team"], text: ["chat.app.no_team_text"], actions: ["other"] };
    if (!s.availability) return cards.looking(s);
    return s.want === "message" && canChat(s.availability) ? askMessage() : asked[s.availability.state](s);
  },
  opening: () => ({ light: "queue", heading: ["chat.app.opening"], actions: [] }),
  waiting,
  active: (s) => ({
    light: "free", heading: s.name ? ["chat.app.active", { name: s.name }] : ["chat.app.active_nameless"], actions: [],
  }),
  deferred,
  closed: (s) => ({
    light: "away", heading: ["chat.app.closed"], text: [`chat.app.closed_by.${s.closedBy ?? "system"}`],
    ...(s.purge ? { detail: ["chat.app.closed_purge", { when: s.purge }] as Say } : {}),
    actions: ["save", "delete", "anew"],
  }),
  gone: () => ({ light: "away", heading: ["chat.app.gone"], text: ["chat.app.gone_text"], actions: ["anew", "return"] }),
  deleted: (s) => ({
    light: "free", heading: ["chat.app.deleted"], text: ["chat.app.deleted_text"],
    ...(s.receipt ? { detail: ["chat.app.receipt", { ...s.receipt }] as Say } : {}), actions: ["anew"],
  }),
  elsewhere: () => ({ light: "away", heading: ["chat.app.elsewhere"], text: ["chat.app.elsewhere_text"], actions: ["here"] }),
  broken: (s) => ({
    light: "alarm", heading: ["chat.app.broken"], text: ["chat.app.broken_text"],
    detail: ["chat.app.broken_reason", { code: s.reason }], actions: ["retry"],
  }),
};

const asked: Record<Availability["state"], (s: Situation) => Card> = {
  free: () => ({ light: "free", heading: ["chat.app.free"], text: ["chat.app.free_text"], actions: [] }),
  queue: (s) => ({
    light: "queue", heading: ["chat.app.busy"], wait: place(s.availability!.position, "chat.app.next"), text: range(s.availability!.wait_s),
    actions: [],
  }),
  unknown: () => ({ light: "away", heading: ["chat.app.unknown"], text: ["chat.app.message_text"], actions: [] }),
  full: () => ({ light: "away", heading: ["chat.app.full"], text: ["chat.app.message_text"], actions: [] }),
  closed: (s) => ({
    light: "away", heading: ["chat.app.closed_now"], text: ["chat.app.message_text"],
    ...(s.opens ? { wait: ["chat.app.opens", { when: s.opens }] as Say } : {}), actions: [],
  }),
};

function askMessage(): Card {
  return { light: "free", heading: ["chat.app.message"], text: ["chat.app.message_text"], actions: [] };
}

function waiting(s: Situation): Card {
  if (s.queue?.position === 0 && !s.offered) return waitingClosed(s);
  const q = s.queue?.position ? s.queue : undefined;
  const rest = { ...(q ? { wait: place(q.position, "chat.app.waiting_next") } : {}), text: q ? range({ low: q.low_s, high: q.high_s }) : undefined };
  return {
    light: "queue", heading: [s.again ? "chat.app.again" : "chat.app.waiting"], ...rest,
    detail: [s.again ? "chat.app.again_text" : "chat.app.waiting_text"], actions: ["message", "leave"],
  };
}

/** Nobody is there any more: no place, no promise, and the way to an answer all the same. */
function waitingClosed(s: Situation): Card {
  return {
    light: "away", heading: ["chat.app.waiting_closed"], ...(s.opens ? { wait: ["chat.app.opens", { when: s.opens }] as Say } : {}),
    text: ["chat.app.waiting_closed_text"], actions: ["message", "leave"],
  };
}

/** What a word about who is there changes. Who waits keeps what was known when the page cannot find out. */
export function heard(s: Situation, a: Availability, opens: string): Partial<Situation> {
  return s.phase === "waiting" && a.state === "unknown" ? {} : { availability: a, opens };
}

function deferred(s: Situation): Card {
  return {
    light: "free", heading: ["chat.app.left"], text: [s.crowded ? "chat.app.crowded_text" : "chat.app.left_text"],
    detail: [s.hasCode ? "chat.app.left_code" : "chat.app.left_no_code"],
    ...(canChat(s.availability) ? { wait: ["chat.app.somebody_now"] as Say } : {}),
    actions: [...(s.hasCode ? [] : ["code" as const]), ...(canChat(s.availability) ? ["requeue" as const] : [])],
  };
}

/** What to say about how long a conversation is kept after its end. */
export function keptFor(seconds: number | undefined): Say | undefined {
  if (seconds === undefined) return undefined;
  const { unit, n } = span(seconds);
  return ["chat.app.keep_" + unit, { n }];
}

/** Whether a live chat can begin now. */
export function canChat(a: Availability | undefined): boolean {
  return a?.state === "free" || a?.state === "queue";
}

/** The place in the queue; the first one in words. */
export function place(position: number, first: string): Say {
  return position <= 1 ? [first] : ["chat.app.place", { n: position }];
}

/** A range of seconds in whole minutes, never narrower than it is. */
export function range(s: { low: number; high: number }): Say {
  const low = Math.floor(s.low / 60);
  const high = Math.max(1, Math.ceil(s.high / 60));
  return low < 1 ? ["chat.app.wait_up_to", { n: high }] : ["chat.app.wait", { low, n: high }];
}
