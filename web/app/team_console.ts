// The console joins the desk to the panes. On a phone one pane is seen at a
// time; which one is the data-pane of the root.
import { fill, h, say } from "./dom";
import type { StaffKeys } from "./seal/index";
import { askEnd, askHandBack, askHandOver } from "./team_actions";
import type { Session } from "./team_api";
import { ContextView } from "./team_context";
import { Desk } from "./team_desk";
import { tag } from "./team_format";
import { alert, paragraph } from "./team_kern";
import { Keyboard } from "./team_keyboard";
import { dutyEnd, ended, type Entry } from "./team_model";
import { OfferView } from "./team_offer";
import { QueueView } from "./team_queue";
import { Reading } from "./team_reading";
import { keepSession, sessionEnded } from "./team_session";
import { showShortcuts, shortcuts } from "./team_shortcuts";
import { Chime, DesktopNotice } from "./team_signal";
import { StatusView } from "./team_status";
import type { Talk } from "./team_talk";
import { TalkView } from "./team_talk_view";
import { clock, failure, t } from "./texts";

/** How long before the end of a duty the open conversations are asked about. */
const SHIFT_WARNING = 10 * 60_000;

type Pane = "queue" | "talk" | "context";

/** Console is the page /team/. */
export class Console {
  readonly desk: Desk;
  readonly keyboard = new Keyboard();
  readonly #title = document.title;
  readonly #chime = new Chime();
  readonly #notice = new DesktopNotice();
  readonly #status: StatusView;
  readonly #queue: QueueView;
  readonly #context = new ContextView(() => {
    this.#pane("talk");
    this.compose();
  });
  readonly #offers: OfferView;
  readonly #middle: HTMLElement;
  readonly #empty: HTMLElement;
  readonly #told = h("p", { class: "kern-sr-only", role: "status" });
  readonly #error = h("div", { class: "team-toast", role: "alert" });
  readonly #reading = new Reading();
  #views = new Map<string, TalkView>();
  #selected = "";
  #unanswered = 0;

  constructor(private readonly root: HTMLElement, private readonly session: Session, keys: StaffKeys) {
    this.desk = new Desk(keys, session.teams, {
      line: (line) => {
        this.#status.connection(line);
        this.#readiness();
        if (line.line === "stopped") this.#stopped(line.reason);
      },
      status: () => this.#readiness(),
      duties: () => this.#duties(),
      queue: () => this.#queue.showQueue(this.desk.queue),
      talks: () => this.#list(),
      talk: (talk) => this.#paint(talk),
      entries: (talk, fresh, history) => this.#entries(talk, fresh, history),
      offer: (offer) => {
        if (this.#offers.show(offer)) this.#ring(t("team.notice.offer"));
      },
      offerGone: (id) => this.#offers.drop(id),
      arrived: (talk, wanted) => this.#arrived(talk, wanted),
      left: (talk) => this.#left(talk),
      refused: (error) => this.fail(failure(error.code)),
    });
    this.#status = new StatusView({
      ready: (on) => this.desk.ready(on),
      limit: (n) => this.desk.limit(n),
      sound: (on) => (on ? this.#chime.enable() : this.#chime.disable()),
      notices: (on) => (on ? this.#notice.enable() : (this.#notice.disable(), Promise.resolve(false))),
      shortcuts: () => void showShortcuts(this),
      hurry: () => this.desk.wire.hurry(),
    });
    this.#queue = new QueueView({ select: (id) => this.select(id, true), take: (id) => this.desk.take(id), next: () => this.desk.take() });
    this.#offers = new OfferView({ accept: (id) => this.desk.take(id), decline: (id) => this.desk.decline(id), missed: () => this.#missed() }, () => this.desk.skew);
    this.#empty = h("div", { class: "team-empty" }, paragraph(t("team.empty"), "kern-body--muted"), paragraph(t("team.empty.keys"), "kern-body--small kern-body--muted"));
    this.#middle = h("section", { class: "team-pane team-middle", tabindex: -1, "aria-label": t("team.region.talk"), "data-region": "talk" }, this.#empty);
  }

  /** start shows the panes and opens the desk. */
  async start(): Promise<void> {
    fill(this.root, this.#status.root, this.#error, this.#offers.root, h("div", { class: "team-panes" }, this.#queue.root, this.#middle, this.#context.root), this.#told);
    this.#pane("queue");
    this.#context.show(null);
    this.keyboard.start(shortcuts(this), () => this.#regions());
    keepSession(this.session, () => this.desk.status.state === "ready" || [...this.desk.talks.values()].some((talk) => talk.mine));
    try {
      await this.desk.start();
    } catch (thrown) {
      return this.fail(failure((thrown as { code?: string }).code ?? "internal"));
    }
    setInterval(() => this.#tick(), 20_000);
    document.addEventListener("visibilitychange", () => this.#see());
  }

  /** current is the conversation in the middle pane. */
  get current(): Talk | undefined {
    return this.desk.talks.get(this.#selected);
  }

  /** fail says an error aloud and shows it until the next one or ten seconds. */
  fail(text: string): void {
    const shown = alert("danger", text);
    fill(this.#error, shown);
    setTimeout(() => shown.remove(), 10_000);
  }

  /** select shows a conversation; focus also leads there. */
  select(id: string, focus: boolean): void {
    const talk = this.desk.talks.get(id);
    if (!talk) return;
    this.#selected = id;
    const view = this.#view(talk);
    fill(this.#middle, view.root);
    this.#paint(talk);
    this.#list();
    this.#pane("talk");
    view.log.bottom();
    if (focus) view.focus();
    this.#see();
  }

  /** step selects the next or previous own conversation. */
  step(by: number): void {
    const ids = [...this.desk.talks.keys()];
    if (ids.length === 0) return;
    const here = ids.indexOf(this.#selected);
    this.select(ids[(here + by + ids.length) % ids.length]!, true);
  }

  /** number selects the own conversation at a place of the list, from 1. */
  number(n: number): void {
    const id = [...this.desk.talks.keys()][n - 1];
    if (id) this.select(id, true);
  }

  /** answerOffer accepts or declines the oldest offer. */
  answerOffer(accept: boolean): void {
    const first = this.#offers.first();
    if (!first) return;
    if (accept) this.desk.take(first.id);
    else this.desk.decline(first.id);
  }

  /** showContext shows the third pane on a phone. */
  showContext(): void {
    this.#pane("context");
    this.#context.root.focus();
  }

  /** compose leads to the writing field. */
  compose(): void {
    if (this.current) this.#view(this.current).focus();
  }

  #pane(pane: Pane): void {
    this.root.dataset.pane = pane;
  }

  #regions(): HTMLElement[] {
    const all = [this.#offers.first()?.root, this.#status.root, this.#queue.root, this.#middle, this.#context.root];
    return all.filter((region): region is HTMLElement => region !== undefined && region.checkVisibility());
  }

  #view(talk: Talk): TalkView {
    let view = this.#views.get(talk.id);
    if (view) return view;
    view = new TalkView(talk.id, {
      send: (text) => talk.write(text),
      typing: (on) => void this.desk.wire.tell({ t: "typing", c: talk.id, on }),
      back: () => {
        this.#pane("queue");
        this.#queue.root.focus();
      },
      context: () => this.showContext(),
      handBack: () => askHandBack(this.desk, talk),
      handOver: () => void askHandOver(this.desk, talk),
      cancelHandOver: () => this.desk.tell({ t: "transfer", c: talk.id, step: "cancel" }),
      end: () => askEnd(this.desk, talk),
      retry: () => void talk.reload(),
      dismiss: () => this.#dismiss(talk),
      again: (id) => talk.again(id),
    });
    this.#views.set(talk.id, view);
    view.log.history(talk.entries, talk.marks);
    return view;
  }

  #paint(talk: Talk): void {
    const view = this.#views.get(talk.id);
    view?.state(talk.state, talk.title, talk.mine, talk.stop, talk.mine ? this.#shift() : "");
    view?.typing(talk.typing);
    view?.log.mark(talk.entries, talk.marks);
    if (talk.id !== this.#selected) return;
    this.#context.show({ id: talk.id, state: talk.state, teamName: this.desk.team(talk.state.team)?.name ?? "", ...talk.secrecy, broken: talk.broken, stop: talk.stop });
  }

  #list(): void {
    const items = [...this.desk.talks.values()].map((talk) => ({
      id: talk.id,
      title: talk.title,
      unread: this.#reading.unread(talk),
      typing: talk.typing,
      here: talk.state.seeker_here ?? false,
      trouble: talk.stop !== null || talk.broken > 0,
      selected: talk.id === this.#selected,
      closed: ended(talk.state),
    }));
    this.#queue.showOpen(items);
    const unread = items.reduce((sum, item) => sum + item.unread, 0);
    document.title = (unread > 0 ? "(" + unread + ") " : "") + this.#title;
    this.#readiness();
  }

  #entries(talk: Talk, fresh: Entry[], history: boolean): void {
    const view = this.#views.get(talk.id);
    if (history) view?.log.history(talk.entries, talk.marks);
    else for (const entry of fresh) view?.log.put(entry, talk.marks);
    if (!history && fresh.some((entry) => entry.who === "seeker")) {
      talk.types(false);
      if (talk.id !== this.#selected || document.hidden) this.#ring(t("team.notice.message"));
    }
    this.#see();
    this.#list();
  }

  /** #see marks as read what is in front of the person. */
  #see(): void {
    const talk = this.current;
    if (!talk || document.hidden || this.root.dataset.pane === "queue" && matchMedia("(max-width: 48rem)").matches) return;
    if (this.#reading.saw(talk)) this.desk.wire.tell({ t: "read", c: talk.id, seq: talk.last });
    this.#list();
  }

  /** #missed takes a pause for somebody who let two offers pass: nobody should wait for an empty chair. */
  #missed(): void {
    this.#unanswered += 1;
    if (this.#unanswered < 2 || this.desk.status.state !== "ready") return;
    this.#unanswered = 0;
    this.desk.ready(false);
    this.fail(t("team.ready.missed"));
  }

  #arrived(talk: Talk, wanted: boolean): void {
    this.#unanswered = 0;
    if (wanted || this.#selected === "") return this.select(talk.id, wanted);
    say(this.#told, t("team.arrived", { tag: tag(talk.id) }));
    this.#ring(t("team.notice.message"));
  }

  #left(talk: Talk): void {
    say(this.#told, t("team.left", { tag: tag(talk.id) }));
    this.#clear(talk);
  }

  #dismiss(talk: Talk): void {
    this.desk.dismiss(talk.id);
    this.#clear(talk);
    this.#queue.root.focus();
  }

  #clear(talk: Talk): void {
    this.#views.delete(talk.id);
    if (this.#selected !== talk.id) return;
    const held = this.#middle.contains(document.activeElement) || document.activeElement === document.body;
    this.#selected = "";
    fill(this.#middle, this.#empty);
    this.#context.show(null);
    this.#pane("queue");
    if (held) this.#queue.root.focus();
  }

  #ring(line: string): void {
    this.#chime.play();
    this.#notice.show(line);
  }

  #readiness(): void {
    const { status, talks, line } = this.desk;
    const held = [...talks.values()].filter((talk) => talk.mine && talk.state.kind !== "message").length;
    const ready = status.state === "ready";
    const why = !ready ? "" : line.line !== "online" ? t("team.ready.offline") : !this.#onDuty() ? t("team.ready.off_duty") : held >= status.limit ? t("team.ready.full") : "";
    this.#status.readiness(ready, why, this.desk.settled);
    this.#status.limit(status.limit);
  }

  #onDuty(): boolean {
    const now = Date.now() + this.desk.skew;
    return dutyEnd(this.desk.duties, now) > now;
  }

  #duties(): void {
    this.#status.duty(this.desk.duties, Date.now() + this.desk.skew);
    this.#readiness();
    for (const talk of this.desk.talks.values()) this.#paint(talk);
  }

  /** #shift tells that the own duty ends soon or is over; otherwise it is empty. */
  #shift(): string {
    const now = Date.now() + this.desk.skew;
    const end = dutyEnd(this.desk.duties, now);
    if (end <= now) return t("team.shift.over");
    return end - now <= SHIFT_WARNING ? t("team.shift.ending", { time: clock(new Date(end)) }) : "";
  }

  #tick(): void {
    this.#queue.showQueue(this.desk.queue);
    this.#duties();
  }

  #stopped(reason: string): void {
    if (reason === "auth") return void sessionEnded();
    this.fail(t("team.connection." + reason));
  }
}
