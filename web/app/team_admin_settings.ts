// Settings of a team: what it counsels on, in which languages, for whom, who
// may read, and how much it takes at once. Admins change, supervisors see.
import { h } from "./dom";
import { allows, post, put, type Session, type Team } from "./team_api";
import { topicNames } from "./team_data";
import { openDialog } from "./team_dialog";
import { form, FormError } from "./team_form";
import { language, topicName } from "./team_format";
import { checks, facts, radios, textField } from "./team_kern";
import { done, section } from "./team_section";
import { withStepUp } from "./team_stepup";
import { t } from "./texts";

/** LANGUAGES are those a team can offer; the names come from the browser. */
const LANGUAGES = ["de", "en", "ar", "uk", "tr", "ru", "fa", "pl", "ro", "bg", "fr", "es", "it", "ku", "sr", "hr", "sq", "vi", "ti", "so"];

/** settingsSection shows the settings, as a form for those who may change them. */
export function settingsSection(session: Session, team: Team, changed: (team: Team) => void): HTMLElement {
  const body = allows(session, "admin", team.id) ? settingsForm(session, team, changed) : settingsFacts(team);
  return section(t("team.settings.title"), [body]);
}

function settingsFacts(team: Team): HTMLElement {
  return facts([
    [t("team.settings.topics"), team.topics.map(topicName).join(", ")],
    [t("team.settings.languages"), team.languages.map(language).join(", ")],
    [t("team.settings.reach"), t("team.reach." + team.reach)],
    [t("team.settings.policy"), t("team.policy." + team.policy)],
    [t("team.settings.queue"), String(team.queue_max)],
    [t("team.settings.guard"), String(Math.round(team.last_chat_before_s / 60))],
    [t("team.settings.address"), t(team.formal ? "team.settings.formal" : "team.settings.informal")],
  ]);
}

function settingsForm(session: Session, team: Team, changed: (team: Team) => void): HTMLElement {
  const name = textField(t("team.settings.name"), { value: team.name, maxlength: 100, required: true });
  const topics = checks(t("team.settings.topics"), byName(Object.entries(topicNames())), team.topics);
  const languages = checks(t("team.settings.languages"), languageChoices(), team.languages);
  topics.root.classList.add("team-columns");
  languages.root.classList.add("team-columns");
  const reach = radios(t("team.settings.reach"), choices("team.reach.", ["catchment", "pool", "nationwide"]), team.reach);
  const policy = radios(t("team.settings.policy"), choices("team.policy.", ["team", "duty"]), team.policy);
  const formal = radios(t("team.settings.address"), [["yes", t("team.settings.formal")], ["no", t("team.settings.informal")]], team.formal ? "yes" : "no");
  const queue = textField(t("team.settings.queue"), { type: "number", min: 0, max: 1000, value: team.queue_max }, t("team.settings.queue_hint"));
  const guard = textField(t("team.settings.guard"), { type: "number", min: 0, max: 240, value: Math.round(team.last_chat_before_s / 60) }, t("team.settings.guard_hint"));
  const act = async (): Promise<void> => {
    if (!name.control.value.trim()) throw new FormError("name_missing", name);
    const body = {
      name: name.control.value.trim(), topics: topics.values(), languages: languages.values(), centres: team.centres,
      reach: reach.value(), policy: policy.value(), formal: formal.value() === "yes",
      queue_max: whole(queue.control), last_chat_before_s: whole(guard.control) * 60,
    };
    const saved = await withStepUp(session, () => put<Team>("teams/" + team.id, body));
    if (!saved) return;
    changed(saved);
    done(t("team.saved"));
  };
  return form({
    submit: t("team.save"), fields: [name, queue, guard], act,
    body: [name.root, topics.root, languages.root, reach.root, policy.root, formal.root, h("div", { class: "team-pair" }, queue.root, guard.root)],
  });
}

/** byName sorts choices as a reader of the page's language expects. */
export function byName(choices: Array<[string, string]>): Array<[string, string]> {
  return choices.sort((a, b) => a[1].localeCompare(b[1], document.documentElement.lang));
}

/** languageChoices are the languages a team or a person can offer. */
export function languageChoices(): Array<[string, string]> {
  return byName(LANGUAGES.map((code) => [code, language(code)]));
}

function choices(prefix: "team.reach." | "team.policy.", values: readonly string[]): Array<readonly [string, string]> {
  return values.map((value) => [value, t(prefix + value)] as const);
}

function whole(input: HTMLInputElement): number {
  return Math.max(0, Math.floor(Number(input.value) || 0));
}

/** newTeam asks for a name; everything else is set on the team's page. */
export async function newTeam(session: Session, made: (team: Team) => void): Promise<void> {
  const name = textField(t("team.settings.name"), { maxlength: 100 });
  await openDialog({
    title: t("team.teams.add"),
    body: [h("div", { class: "team-form" }, name.root)],
    confirm: t("team.teams.create"),
    cancel: t("team.cancel"),
    act: async () => {
      name.clear();
      if (!name.control.value.trim()) throw new FormError("name_missing", name);
      const team = await withStepUp(session, () =>
        post<Team>("teams", {
          name: name.control.value.trim(), topics: [], languages: ["de"], centres: [], reach: "catchment", policy: "team",
          queue_max: 10, last_chat_before_s: 900, formal: true,
        }),
      );
      if (team) made(team);
    },
  });
}
