// The page "teams": settings, attached centres, and the signed membership.
import { fill, h, one } from "./dom";
import { loadKeys } from "./seal/index";
import { centresSection } from "./team_admin_centres";
import { keepSection } from "./team_admin_keep";
import { membersSection } from "./team_admin_members";
import { newTeam, settingsSection } from "./team_admin_settings";
import { allows, read, type Provider, type Session, type Team } from "./team_api";
import { button, paragraph, selectField } from "./team_kern";
import { run, toast } from "./team_section";
import { keepSession, leaveForSignIn } from "./team_session";
import { t } from "./texts";

const stage = one("#teams");

async function begin(): Promise<void> {
  const session = await read<Session>("session").catch(() => null);
  if (!session || session.limited) return leaveForSignIn();
  await show(session, location.hash.slice(1));
  keepSession(session);
}

/** show lists the teams this person may see and opens one. */
async function show(session: Session, wish: string): Promise<void> {
  const { teams } = await read<{ teams: Team[] }>("teams");
  const mine = teams.filter((team) => allows(session, "supervisor", team.id) || allows(session, "admin", team.id));
  const add = allows(session, "admin") ? button(t("team.teams.add"), () => run(() => newTeam(session, (team) => void show(session, team.id))), { icon: "add" }) : null;
  if (mine.length === 0) return fill(stage, paragraph(t("team.teams.none")), add);
  const chosen = mine.find((team) => team.id === wish) ?? mine[0]!;
  const choice = selectField(t("team.teams.choose"), mine.map((team) => [team.id, team.name] as const), chosen.id);
  const body = h("div", { class: "team-parts" });
  choice.control.addEventListener("change", () => run(() => open(session, body, mine.find((team) => team.id === choice.control.value)!)));
  const whole = h("div", { class: "team-parts" });
  fill(stage, h("div", { class: "team-chooser" }, choice.root, add), body, whole);
  await ofProvider(session, whole);
  await open(session, body, chosen);
}

async function open(session: Session, body: HTMLElement, team: Team): Promise<void> {
  history.replaceState(null, "", "#" + team.id);
  const keys = await loadKeys(session.id);
  const renew = (): void => run(() => open(session, body, team));
  const changed = (next: Team): void => run(() => show(session, next.id));
  const members = await membersSection(session, keys, team, renew);
  fill(body, members, settingsSection(session, team, changed), centresSection(session, team));
}

/** ofProvider shows what holds for all teams of the provider. */
async function ofProvider(session: Session, place: HTMLElement): Promise<void> {
  const provider = await read<Provider>("provider");
  fill(place, keepSection(session, provider, () => run(() => ofProvider(session, place))));
}

void begin().catch((thrown) => toast(thrown));
