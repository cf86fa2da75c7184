// Where this account is signed in, and ending one or all of the others.
import { fill, h } from "./dom";
import { read, remove, type SessionRow } from "./team_api";
import { moment } from "./team_format";
import { badge, button, table } from "./team_kern";
import { done, run, section } from "./team_section";
import { t } from "./texts";

/** sessionSection lists the sessions. */
export async function sessionSection(): Promise<HTMLElement> {
  const place = h("div", {});
  await show(place);
  return section(t("team.sessions.title"), [place]);
}

async function show(place: HTMLElement): Promise<void> {
  const { sessions } = await read<{ sessions: SessionRow[] }>("sessions");
  const others = sessions.filter((row) => !row.current);
  const end = async (path: string): Promise<void> => {
    await remove(path);
    await show(place);
    done(t("team.sessions.ended"));
  };
  const all = button(t("team.sessions.end_all"), () => run(() => end("sessions")));
  fill(
    place,
    table(t("team.sessions.caption"), [
      { head: t("team.sessions.since"), cell: (row) => moment(row.created_at) },
      { head: t("team.sessions.method"), cell: (row) => t("team.method." + row.method) },
      { head: t("team.sessions.seen"), cell: (row) => moment(row.seen_at) },
      { head: t("team.sessions.action"), cell: (row) => (row.current ? badge(t("team.sessions.current"), "success") : endButton(row, end)) },
    ], sessions),
    others.length > 1 ? h("div", { class: "team-actions" }, all) : null,
  );
}

function endButton(row: SessionRow, end: (path: string) => Promise<void>): HTMLButtonElement {
  return button(t("team.sessions.end"), () => run(() => end("sessions/" + row.id)), { small: true, label: t("team.sessions.end_one", { time: moment(row.created_at) }) });
}
