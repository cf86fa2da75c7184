// The desk: the one place that knows what the server has said. It turns frames
// into conversations, offers and the queue, and commands into frames.
import { Problem } from "./api";
import type { StaffKeys } from "./seal/index";
import { post, read, type Session } from "./team_api";
import { pageData } from "./team_data";
import { ended, mineNow, type Colleague, type Duty, type Entry, type TalkState, type TeamInfo } from "./team_model";
import { Talk } from "./team_talk";
import type { ClientFrame, ErrorFrame, Line, OfferFrame, QueueItem, ServerFrame, WelcomeFrame } from "./wire";
import { Wire } from "./wire";
import { browserEnv, type Env } from "./wire_env";

/** How long the desk waits before it asks again what became of a conversation, milliseconds. */
const AGAIN = 5_000;
/** Answers that mean: this person has no such conversation any more. */
const LOST = [403, 404, 410];

/** DeskStatus is what the server holds of a desk: away while nobody has said anything yet, limit 0 while none was chosen. */
interface DeskStatus {
  state: "ready" | "pause" | "away";
  limit: number;
}

/** Snapshot is the desk as the API gives it. */
interface Snapshot {
  me: Colleague;
  status: DeskStatus;
  duties: Duty[];
  teams: TeamInfo[];
  conversations: TalkState[];
  offers: OfferFrame[];
  queue: QueueItem[];
}

/** DeskEvents tells the console what to renew. */
export interface DeskEvents {
  line(line: Line): void;
  status(): void;
  duties(): void;
  queue(): void;
  talks(): void;
  talk(talk: Talk): void;
  entries(talk: Talk, fresh: Entry[], history: boolean): void;
  offer(offer: OfferFrame): void;
  offerGone(id: string): void;
  /** A conversation came into this person's hands; wanted when this desk asked for it. */
  arrived(talk: Talk, wanted: boolean): void;
  /** A conversation left this person's hands without ending. */
  left(talk: Talk): void;
  refused(error: ErrorFrame): void;
}

/** Status frames tell staff what the server holds of this desk. */
type AnyFrame = ServerFrame | ({ t: "status" } & DeskStatus);

/** Desk holds the state of one console. */
export class Desk {
  readonly wire: Wire;
  readonly talks = new Map<string, Talk>();
  me: Colleague = { id: "", name: "", kid: "" };
  status: { state: "ready" | "pause"; limit: number } = { state: "pause", limit: pageData("places", 1) };
  duties: Duty[] = [];
  teams: TeamInfo[] = [];
  queue: QueueItem[] = [];
  line: Line = { line: "connecting" };
  /** Server clock minus own clock, milliseconds. */
  skew = 0;
  #wanted = new Set<string>();
  #wantsNext = false;
  #limited = false;
  /** Whether this page has said anything about readiness; until then the server's word holds. */
  #chosen = false;
  /** What the server said last, and what it was asked for and has not confirmed. */
  #told: "ready" | "pause" = "pause";
  #asked?: "ready" | "pause";
  #welcomes = 0;
  readonly #env: Env;

  /** provided are all teams of the provider: where a conversation can be handed over to. */
  constructor(private readonly keys: StaffKeys, readonly provided: Session["teams"], private readonly events: DeskEvents, around: { env?: Env; url?: string } = {}) {
    this.#env = around.env ?? browserEnv();
    this.wire = new Wire({
      credential: async () => ({ ticket: (await post<{ ticket: string }>("ticket")).ticket }),
      line: (line) => this.#lined(line),
      welcome: (frame) => this.#welcome(frame),
      message: (m) => this.talks.get(m.c)?.receive(m),
      frame: (frame) => this.#frame(frame),
      repair: (c, code) => this.talks.get(c)?.repair(code) ?? Promise.resolve(false),
      ...around,
    });
  }

  /** start reads the desk and opens the line. Throws Problem. */
  async start(): Promise<void> {
    const now = await read<Snapshot>("desk");
    this.me = now.me;
    this.#statusTold(now.status);
    this.duties = now.duties;
    this.teams = now.teams;
    this.queue = now.queue;
    for (const state of now.conversations) this.#state(state);
    for (const offer of now.offers) this.events.offer(offer);
    this.events.queue();
    this.events.duties();
    this.events.status();
    this.wire.start();
  }

  /** team gives a team of this person by id. */
  team(id: string): TeamInfo | undefined {
    return this.teams.find((team) => team.id === id);
  }

  /** settled says whether the server has confirmed the status shown. */
  get settled(): boolean {
    return this.#asked === undefined;
  }

  /** renewTeams asks who is ready now; without an answer the last one holds. */
  async renewTeams(): Promise<void> {
    try {
      this.teams = (await read<Snapshot>("desk")).teams;
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
    }
  }

  /** ready says whether chats may be offered here. */
  ready(on: boolean): void {
    this.status = { ...this.status, state: on ? "ready" : "pause" };
    this.#tellStatus();
  }

  /** limit sets how many conversations this person takes at once; until then the server's own number holds. */
  limit(n: number): void {
    this.#limited = true;
    this.status = { ...this.status, limit: n };
    this.#tellStatus();
  }

  /** take accepts an offer or pulls a waiting conversation; without an id the next one that fits. */
  take(id?: string): void {
    if (id) this.#wanted.add(id);
    else this.#wantsNext = true;
    this.tell(id ? { t: "accept", c: id } : { t: "accept" });
  }

  /** decline lets an offer go to the next colleague. */
  decline(id: string): void {
    this.tell({ t: "decline", c: id });
    this.events.offerGone(id);
  }

  /** tell sends a command now; without a line it is refused aloud. */
  tell(frame: ClientFrame): void {
    if (!this.wire.tell(frame)) this.events.refused({ t: "error", code: "offline" });
  }

  /** dismiss takes an ended conversation off the list. */
  dismiss(id: string): void {
    this.talks.delete(id);
    this.wire.forget(id);
    this.events.talks();
  }

  #lined(line: Line): void {
    this.line = line;
    this.events.line(line);
  }

  #welcome(frame: WelcomeFrame): void {
    this.#welcomes += 1;
    this.skew = Date.parse(frame.now) - Date.now();
    const told = (frame.conversations ?? []) as TalkState[];
    for (const state of told) this.#state(state);
    for (const talk of this.talks.values()) {
      if (!told.some((state) => state.c === talk.id)) void this.#ask(talk);
      else if (talk.stop?.code === "load") void talk.reload();
    }
    if (this.#chosen) this.#tellStatus();
  }

  /** #ask finds out what became of a conversation while the line was down. No answer is no reason to lose it. */
  async #ask(talk: Talk): Promise<void> {
    try {
      const detail = await read<{ conversation: TalkState }>("conversations/" + talk.id);
      this.#state(detail.conversation);
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown;
      if (LOST.includes(thrown.status)) this.#lose(talk);
      else this.#askLater(talk);
    }
  }

  /** #askLater leaves the asking to the next welcome when the line is down by then. */
  #askLater(talk: Talk): void {
    const welcome = this.#welcomes;
    this.#env.after(AGAIN, () => {
      if (this.#welcomes === welcome && this.wire.online && this.talks.get(talk.id) === talk) void this.#ask(talk);
    });
  }

  #tellStatus(): void {
    const { state, limit } = this.status;
    this.#chosen = true;
    this.#asked = state;
    this.wire.tell(this.#limited ? { t: "status", state, limit } : { t: "status", state }, true);
    this.events.status();
  }

  #frame(frame: AnyFrame): void {
    switch (frame.t) {
      case "state": return this.#state(frame);
      case "queue": return this.#queued(frame);
      case "offer": return this.events.offer(frame);
      case "roster": return this.#roster(frame);
      case "status": return this.#statusTold(frame);
      case "typing": return this.#typing(frame.c, frame.who, frame.on);
      case "read": return this.#read(frame);
      case "error": return this.#refused(frame);
    }
  }

  #queued(frame: Extract<ServerFrame, { t: "queue" }>): void {
    if (!("items" in frame)) return;
    this.queue = frame.items;
    this.events.queue();
  }

  #roster(frame: Extract<ServerFrame, { t: "roster" }>): void {
    if (!("duties" in frame)) return;
    this.duties = frame.duties as Duty[];
    this.events.duties();
  }

  #statusTold(told: Partial<DeskStatus>): void {
    if (!told.state) return;
    this.#told = told.state === "ready" ? "ready" : "pause";
    if (this.#asked && this.#asked !== this.#told) return; // said before the server heard the question
    this.#asked = undefined;
    this.status = { state: this.#told, limit: told.limit || this.status.limit };
    this.events.status();
  }

  /** #unasked shows what holds after a status was refused. */
  #unasked(): void {
    this.#asked = undefined;
    this.status = { ...this.status, state: this.#told };
    this.events.status();
  }

  #typing(c: string, who: string, on: boolean): void {
    if (who === "seeker") this.talks.get(c)?.types(on);
  }

  #read(frame: { c: string; who: string; delivered: number; read: number }): void {
    const talk = this.talks.get(frame.c);
    if (!talk || frame.who !== "seeker") return;
    const { delivered, read } = talk.marks; // marks only grow, whatever a reloaded page tells
    talk.state = { ...talk.state, delivered: Math.max(delivered, frame.delivered), read: Math.max(read, frame.read) };
    this.events.talk(talk);
  }

  #refused(error: ErrorFrame): void {
    if (error.re === "status") this.#unasked();
    else if (error.c) this.#wanted.delete(error.c);
    else this.#wantsNext = false;
    this.events.refused(error);
  }

  #state(state: TalkState): void {
    if (state.state !== "offered") this.events.offerGone(state.c);
    const talk = this.talks.get(state.c);
    if (talk) return this.#renew(talk, state);
    if (mineNow(state, this.keys.kid)) this.#arrive(state);
  }

  #arrive(state: TalkState): void {
    const talk = new Talk(state.c, state, { keys: this.keys, wire: () => this.wire, team: (id) => this.team(id) }, {
      entries: (t, fresh, history) => this.events.entries(t, fresh, history),
      changed: (t) => {
        this.events.talk(t);
        this.events.talks();
      },
    });
    this.talks.set(state.c, talk);
    const wanted = this.#wanted.delete(state.c) || this.#wantsNext;
    this.#wantsNext = false;
    this.events.arrived(talk, wanted);
    this.events.talks();
    void talk.load();
  }

  #renew(talk: Talk, state: TalkState): void {
    talk.renewed(state);
    if (talk.mine || ended(talk.state)) return this.events.talks();
    this.#lose(talk);
  }

  #lose(talk: Talk): void {
    if (!this.talks.has(talk.id)) return;
    this.talks.delete(talk.id);
    this.wire.forget(talk.id);
    this.events.left(talk);
    this.events.talks();
  }
}
