// Centres a team answers for: their catchment decides who reaches the team.
import { api } from "./api";
import { fill, h, say } from "./dom";
import { allows, put, type Session, type Team } from "./team_api";
import { pageData } from "./team_data";
import { form } from "./team_form";
import { button, paragraph, textField } from "./team_kern";
import { done, run, section } from "./team_section";
import { withStepUp } from "./team_stepup";
import { t } from "./texts";

interface Centre {
  id: string;
  name: string;
  place: string;
}

const known = new Map<string, Centre>();

/** centresSection lists the attached centres and searches for more. */
export function centresSection(session: Session, team: Team): HTMLElement {
  for (const centre of pageData<Centre[]>("centres", [])) known.set(centre.id, centre);
  const may = allows(session, "admin", team.id);
  const list = h("ul", { class: "team-items" });
  const told = h("p", { class: "kern-hint", role: "status" });
  const show = (): void => fill(list, ...team.centres.map((id) => item(id, may ? removal(session, team, id, show) : null)));
  show();
  return section(t("team.centres.title"), [
    paragraph(t("team.centres.explain")),
    list,
    may ? searchForm(session, team, show, told) : null,
    told,
  ]);
}

function item(id: string, action: HTMLElement | null): HTMLLIElement {
  return h("li", {}, h("span", {}, nameOf(id)), action);
}

function nameOf(id: string): string {
  const centre = known.get(id);
  return centre ? centre.name + (centre.place ? ", " + centre.place : "") : t("team.centres.unknown", { id: id.slice(0, 8) });
}

function removal(session: Session, team: Team, id: string, show: () => void): HTMLButtonElement {
  const act = (): void => run(() => save(session, team, team.centres.filter((other) => other !== id), show));
  return button(t("team.remove"), act, { small: true, label: t("team.centres.remove_one", { name: nameOf(id) }) });
}

async function save(session: Session, team: Team, centres: string[], show: () => void): Promise<void> {
  const saved = await withStepUp(session, () => put<Team>("teams/" + team.id + "/centres", { centres }));
  if (!saved) return;
  team.centres = saved.centres;
  show();
  done(t("team.saved"));
}

function searchForm(session: Session, team: Team, show: () => void, told: HTMLElement): HTMLElement {
  const query = textField(t("team.centres.search"), { type: "search", maxlength: 80, autocomplete: "off" }, t("team.centres.search_hint"));
  const found = h("ul", { class: "team-items" });
  const act = async (): Promise<void> => {
    const { results } = await api<{ results: Centre[] }>("/api/v1/centres", { query: { q: query.control.value.trim(), limit: 10 } });
    say(told, t("team.centres.found", { n: results.length }));
    fill(found, ...results.map((centre) => hit(session, team, centre, show)));
  };
  return h("div", {}, form({ submit: t("team.centres.find"), fields: [query], body: [query.root], act }), found);
}

function hit(session: Session, team: Team, centre: Centre, show: () => void): HTMLLIElement {
  known.set(centre.id, centre);
  if (team.centres.includes(centre.id)) return item(centre.id, h("span", { class: "kern-hint" }, t("team.centres.attached")));
  const line = item(centre.id, null);
  const attach = async (): Promise<void> => {
    await save(session, team, [...team.centres, centre.id], show);
    line.replaceWith(hit(session, team, centre, show));
  };
  line.append(button(t("team.centres.attach"), () => run(attach), { small: true, label: t("team.centres.attach_one", { name: nameOf(centre.id) }) }));
  return line;
}
