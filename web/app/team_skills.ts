// What may be offered to a counsellor: topics, languages, how many at once.
import { h } from "./dom";
import type { Skills } from "./team_api";
import { topicNames } from "./team_data";
import { byName, languageChoices } from "./team_admin_settings";
import { checkbox, checks, paragraph, selectField } from "./team_kern";
import { t } from "./texts";

/** The most conversations at once that can be set. */
const MOST = 8;

/** SkillFields is the part of a form for skills. */
export interface SkillFields {
  root: HTMLElement;
  value(): Skills;
}

/** skillFields makes the controls with the present skills. */
export function skillFields(skills: Skills): SkillFields {
  const topics = checks(t("team.skills.topics"), byName(Object.entries(topicNames())), skills.topics);
  const languages = checks(t("team.skills.languages"), languageChoices(), skills.languages);
  [topics, languages].forEach((group) => group.root.classList.add("team-columns"));
  const limit = selectField(t("team.limit.label"), Array.from({ length: MOST }, (_, i) => [String(i + 1), String(i + 1)] as const), String(skills.limit));
  const trainee = checkbox(t("team.skills.trainee"), skills.trainee);
  return {
    root: h("details", { class: "team-more" }, h("summary", {}, t("team.skills.title")), paragraph(t("team.skills.explain"), "kern-body--small"), topics.root, languages.root, limit.root, trainee.root),
    value: () => ({ topics: topics.values(), languages: languages.values(), limit: Number(limit.control.value), trainee: trainee.control.checked }),
  };
}
