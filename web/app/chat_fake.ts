/** A server and counsellors for tests: the protocol in memory, with real encryption. */
import type { Epoch, SignedState, StaffKeys } from "./seal/index";
import { encodeContent, newStaffKeys, newState, openRoom, Transcript, verify, type Content } from "./seal/index";
import type { Fake } from "./wire_fake";
import type { MessageFrame, StateFrame } from "./wire_frames";

/** Of Node, where alone this runs. */
declare function setImmediate(f: () => void): void;

export interface FakeTeam { id: string; name: string; chain: SignedState[]; readers: string[] }

/** A counsellor's keys. */
export async function counsellor(): Promise<StaffKeys> {
  return (await newStaffKeys([{ kind: "password", key: crypto.getRandomValues(new Uint8Array(32)) }])).keys;
}

/** A team whose first member signs; all members read. */
export async function team(id: string, people: [string, StaffKeys][]): Promise<FakeTeam> {
  const members = people.map(([name, keys], i) => keys.member(name, { reads: true, signs: i === 0 }));
  const chain = [await people[0]![1].sign(newState(id, undefined, members))];
  return { id, name: "Team " + id, chain, readers: members.map((m) => m.kid) };
}

/** The next state of a team: exactly these people, signed by the first of them. */
export async function change(t: FakeTeam, people: [string, StaffKeys][]): Promise<void> {
  const chain = await verify(t.id, t.chain);
  const members = people.map(([name, keys], i) => keys.member(name, { reads: true, signs: i === 0 }));
  t.chain = [...t.chain, await people[0]![1].sign(newState(t.id, chain, members))];
  t.readers = members.map((m) => m.kid);
}

type Answer = [status: number, body?: unknown];

/** One server with at most one conversation. */
export class FakeServer {
  teams = new Map<string, FakeTeam>();
  team = "";
  token = "";
  auth = "";
  epochs: Epoch[] = [];
  messages: MessageFrame[] = [];
  state: StateFrame = {
    t: "state", c: "c1", rev: 0, state: "waiting", kind: "live", team: "", topic: "", language: "de", epoch: 0, seq: 0, since: "",
  };
  /** Every request body and frame the server ever saw, as text. */
  seen: string[] = [];
  /** Answers given instead of the usual one, by "METHOD path". */
  instead = new Map<string, Answer>();
  private line: Fake | undefined;

  /** Stands in for globalThis.fetch. */
  fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input), "http://test");
    const body = typeof init.body === "string" ? init.body : "";
    this.seen.push(url.search + body);
    const key = `${init.method ?? "GET"} ${url.pathname}`;
    const [status, answer] = this.instead.get(key) ?? this.answer(key, url.searchParams, body ? JSON.parse(body) : undefined);
    const text = status === 204 ? null : JSON.stringify(answer);
    return new Response(text, { status, headers: { "Content-Type": "application/json" } });
  };

  private answer(key: string, query: URLSearchParams, body: any): Answer {
    const routes: Record<string, () => Answer> = {
      "GET /api/v1/recipients": () => [200, this.recipients(query.get("team") ?? this.team)],
      "POST /api/v1/conversations": () => this.open(body),
      "GET /api/v1/conversation": () => this.token ? [200, this.own()] : [401, { code: "unauthenticated" }],
      "GET /api/v1/conversation/messages": () => [200, { messages: this.messages.slice(Number(query.get("after"))), more: false }],
      "POST /api/v1/conversation/epochs": () => this.addEpoch(body),
      "POST /api/v1/conversation/return": () => { this.auth = body.auth; return [204]; },
      "POST /api/v1/return": () => body.auth === this.auth ? [200, { id: "c1", token: this.token = "again" }] : [401, { code: "unauthenticated" }],
      "DELETE /api/v1/conversation": () => [200, { receipt: { id: "r", at: "2026-01-01T00:00:00Z", digest: "d" } }],
    };
    return routes[key]?.() ?? [404, { code: "not_found" }];
  }

  private recipients(id: string) {
    const t = this.teams.get(id)!;
    return { team: { id, name: t.name, policy: "team", formal: true }, chain: t.chain, readers: t.readers, keep_s: { live: 86_400, message: 172_800 } };
  }

  private open(body: { token: string; kind: "live" | "message"; epoch: Epoch }): Answer {
    this.token = body.token;
    this.epochs = [body.epoch];
    Object.assign(this.state, { team: body.epoch.team, kind: body.kind, state: body.kind === "message" ? "deferred" : "waiting" });
    return [201, { id: "c1", token: body.token, state: this.state.state }];
  }

  private own() {
    const chains = Object.fromEntries([...new Set(this.epochs.map((e) => e.team))].map((id) => [id, this.teams.get(id)!.chain]));
    return { conversation: this.state, room: this.epochs[0]!.room, epochs: this.epochs, chains, has_return: this.auth !== "" };
  }

  private addEpoch(epoch: Epoch): Answer {
    if (epoch.epoch !== this.epochs.length) return [409, { code: "epoch_stale" }];
    this.epochs.push(epoch);
    Object.assign(this.state, { epoch: epoch.epoch, team: epoch.team });
    return [201, { epoch: epoch.epoch }];
  }

  /** Serves a socket of the seeker. */
  serve = (socket: Fake): void => {
    setImmediate(() => socket.onopen?.());
    socket.heard = (frame) => {
      this.seen.push(JSON.stringify(frame));
      setImmediate(() => this.frame(socket, frame));
    };
  };

  private frame(socket: Fake, f: Record<string, any>): void {
    if (socket.closed) return;
    if (f.t === "hello") {
      this.line = socket;
      socket.say({ t: "welcome", seat: "seeker", c: "c1", now: "", heartbeat_s: 25, conversations: [this.state] });
      for (const m of this.messages.slice(f.last?.c1 ?? 0)) socket.say(m);
    }
    if (f.t === "send") this.send(socket, f);
  }

  private send(socket: Fake, f: Record<string, any>): void {
    const old = this.messages.find((m) => m.id === f.id);
    if (!old && f.epoch !== this.epochs.length - 1) return socket.say({ t: "error", code: "epoch_stale", id: f.id, c: "c1" });
    if (!old) this.store({ id: f.id, sender: "seeker", epoch: f.epoch, n: f.n, after: f.after, body: f.body });
    socket.say({ t: "ack", id: f.id, c: "c1", seq: (old ?? this.messages.at(-1)!).seq, at: "2026-01-01T10:00:00Z" });
  }

  private store(m: Omit<MessageFrame, "t" | "c" | "seq" | "at">): MessageFrame {
    const stored = { ...m, t: "message" as const, c: "c1", seq: this.messages.length + 1, at: "2026-01-01T10:00:00Z" };
    this.messages.push(stored);
    return stored;
  }

  /** Says something to the seeker. */
  push(frame: object): void {
    this.line?.say(frame);
  }

  /** Tells the seeker a new state. */
  tell(change: Partial<StateFrame>): void {
    Object.assign(this.state, change, { rev: this.state.rev + 1 });
    this.push(this.state);
  }

  /** Asks the seeker's page to let exactly the readers of a team read. */
  roster(id: string): void {
    const t = this.teams.get(id)!;
    this.push({ t: "roster", c: "c1", team: id, state_hash: "", readers: t.readers });
  }

  cut(): void {
    this.line?.onclose?.({ code: 1006 });
  }

  /** What a counsellor can read of the conversation; throws when they have no key. */
  async read(keys: StaffKeys): Promise<string[]> {
    const transcript = new Transcript(await openRoom(keys.reader, this.epochs));
    const out: string[] = [];
    for (const m of this.messages) {
      for (const item of await transcript.add(m)) {
        out.push(item.kind === "message" ? new TextDecoder().decode(item.plain) : item.kind);
      }
    }
    return out;
  }

  /** A counsellor writes; tamper may change what the server passes on. */
  async write(keys: StaffKeys, content: Content, tamper: (m: MessageFrame) => MessageFrame = (m) => m): Promise<void> {
    const room = await openRoom(keys.reader, this.epochs);
    const transcript = new Transcript(room);
    for (const m of this.messages) await transcript.add(m);
    const header = { sender: keys.kid, id: crypto.randomUUID(), n: transcript.next(keys.kid), after: transcript.seq };
    const { epoch, body } = await room.seal(header, encodeContent(content));
    const stored = this.store({ ...header, epoch, body });
    this.messages[stored.seq - 1] = tamper(stored);
    this.push(this.messages[stored.seq - 1]!);
  }
}
