// The page "my account": who I am, where I am signed in, password, second
// factor, passkeys, recovery code, language.
import { fill, h, one } from "./dom";
import { loadKeys, type StaffKeys } from "./seal/index";
import { codeSection, recoverySection } from "./team_account_code";
import { passkeySection } from "./team_account_passkey";
import { passwordSection } from "./team_account_password";
import { sessionSection } from "./team_account_sessions";
import { allows, put, read, type Session, type Skills } from "./team_api";
import { pageData } from "./team_data";
import { language, topicName } from "./team_format";
import { button, facts, paragraph, selectField } from "./team_kern";
import { keepSession, leaveForSignIn } from "./team_session";
import { run, section, toast } from "./team_section";
import { t } from "./texts";

const stage = one("#account");

async function begin(): Promise<void> {
  const session = await read<Session>("session").catch(() => null);
  if (!session || session.limited) return leaveForSignIn();
  const keys = await loadKeys(session.id);
  fill(stage, person(session, keys), skillsSection(session));
  stage.append(languageSection(session), await sessionSection(), passwordSection(session), codeSection(session), await passkeySection(session), recoverySection(session));
  keepSession(session);
}

function person(session: Session, keys: StaffKeys | undefined): HTMLElement {
  const roles = session.grants.map((grant) => {
    const team = session.teams.find((one) => one.id === grant.team)?.name;
    return t("team.role." + grant.role) + " (" + (team ?? t("team.role.all")) + ")";
  });
  const key = keys ? h("span", { class: "team-words", dir: "ltr" }, keys.kid) : t("team.account.no_key");
  return section(t("team.account.person"), [
    facts([
      [t("team.account.name"), session.name],
      [t("team.account.email"), session.email],
      [t("team.account.provider"), session.provider.name],
      [t("team.account.roles"), roles.join(", ")],
      [t("team.account.key"), key],
    ]),
  ]);
}

/** skillsSection tells what may be offered to a counsellor; the supervisor sets it. */
function skillsSection(session: Session): HTMLElement | null {
  if (!allows(session, "counsellor")) return null;
  const skills = pageData<Skills>("skills", { topics: [], languages: [], limit: 1, trainee: false });
  return section(t("team.account.skills_title"), [
    facts([
      [t("team.skills.topics"), skills.topics.map(topicName).join(", ") || t("team.account.all_topics")],
      [t("team.skills.languages"), skills.languages.map(language).join(", ") || t("team.account.all_languages")],
      [t("team.limit.label"), String(pageData("places", 1))],
    ]),
    paragraph(t("team.account.skills"), "kern-body--small kern-body--muted"),
  ]);
}

function languageSection(session: Session): HTMLElement {
  const names: Array<readonly [string, string]> = [["de", "Deutsch"], ["de-simple", "Deutsch, einfach"], ["en", "English"], ["ar", "العربية"]];
  const choice = selectField(t("team.account.language"), names, session.language);
  const save = button(t("team.save"), () =>
    run(async () => {
      await put("language", { language: choice.control.value });
      location.reload();
    }),
  );
  const place = section(t("team.account.language_title"), [choice.root, h("div", { class: "team-actions" }, save)]);
  return place;
}

void begin().catch((thrown) => toast(thrown));
