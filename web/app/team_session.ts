// The session of a staff page: it ends by sign-out, by silence and by the
// server's word, and with it the keys leave this browser. Before the silence
// ends it, the page says so and one press goes on.
import { h } from "./dom";
import { wipeKeys } from "./seal/index";
import { openDialog } from "./team_dialog";
import { button, paragraph } from "./team_kern";
import { post, read, SIGNED_OUT, type Session } from "./team_api";
import { clock, t } from "./texts";

/** How long before the end the page warns. */
const WARNING = 2 * 60_000;
/** How often an active page tells the server that somebody is there. */
const TOUCH = 4 * 60_000;

/** leaveForSignIn goes to the sign-in page and back here afterwards. */
export function leaveForSignIn(): void {
  location.assign("/team/anmelden?weiter=" + encodeURIComponent(location.pathname));
}

/** signOut ends the session here and on the server. */
export async function signOut(): Promise<void> {
  await wipeKeys();
  await post("logout").catch(() => undefined);
  location.assign("/team/anmelden");
}

/** sessionEnded wipes the keys and leaves, when the server no longer knows the session. */
export async function sessionEnded(): Promise<void> {
  await wipeKeys();
  leaveForSignIn();
}

/** keepSession watches the clock of the session. alive tells whether the page itself counts as activity, such as being ready for chats. */
export function keepSession(session: Session, alive: () => boolean = () => false): void {
  document.addEventListener(SIGNED_OUT, () => void sessionEnded(), { once: true });
  let until = Date.parse(session.session.idle_until);
  const ends = Date.parse(session.session.ends_at);
  let active = Date.now();
  let asked = false;
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (active = Date.now()), { passive: true });
  const touch = async (): Promise<void> => {
    const now = await read<Session>("session").catch(() => null);
    if (now) until = Date.parse(now.session.idle_until);
  };
  let touched = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now >= Math.min(until, ends)) return void sessionEnded();
    if (now - touched >= TOUCH && (alive() || active > touched)) {
      touched = now;
      return void touch();
    }
    if (asked || Math.min(until, ends) - now > WARNING) return;
    asked = true;
    void warn(Math.min(until, ends), ends <= until, touch).then(() => (asked = ends <= until));
  }, 5_000);
}

/** warn asks whether somebody is there. Whatever key answers counts as somebody; only its own button signs out. */
async function warn(at: number, final: boolean, touch: () => Promise<void>): Promise<void> {
  const explain = t(final ? "team.session.final" : "team.session.idle", { time: clock(new Date(at)) });
  const out = button(t("team.sign_out"), () => void signOut(), { weight: "tertiary" });
  await openDialog({
    title: t("team.session.title"),
    body: [paragraph(explain), h("div", { class: "team-actions" }, out)],
    confirm: t(final ? "team.understood" : "team.session.stay"),
    cancel: t("team.close"),
    act: () => undefined,
  });
  await touch();
}
