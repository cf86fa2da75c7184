// Changing the password. The keys are opened with the old one and wrapped anew,
// so nothing is lost; every other session ends.
import { h } from "./dom";
import { rewrap } from "./seal/index";
import { put, read, type Session } from "./team_api";
import { openDialog } from "./team_dialog";
import { FormError } from "./team_form";
import { button, paragraph } from "./team_kern";
import { newPasswordFields } from "./team_password";
import { choosePassword } from "./team_secrets";
import { done, run, section } from "./team_section";
import { stepUp } from "./team_stepup";
import { t } from "./texts";

/** passwordSection offers the change. */
export function passwordSection(session: Session): HTMLElement {
  const change = button(t("team.password.change"), () => run(() => changePassword(session)));
  return section(t("team.password.section"), [paragraph(t("team.password.explain")), h("div", { class: "team-actions" }, change)]);
}

async function changePassword(session: Session): Promise<void> {
  const have = await stepUp(session, true);
  const chosen = newPasswordFields(() => [session.email, session.name]);
  const changed = await openDialog({
    title: t("team.password.change"),
    body: [h("div", { class: "team-form" }, ...chosen.body)],
    confirm: t("team.password.submit"),
    cancel: t("team.cancel"),
    act: async () => {
      chosen.fields.forEach((field) => field.clear());
      const { salt, iterations, auth, kek } = await choosePassword(chosen.value());
      if (!session.keys || !have) throw new FormError("no_keys");
      const wrap = await rewrap(session.keys, have, kek);
      await put("password", { salt, iterations, auth, wrap });
      Object.assign(session, await read<Session>("session"));
    },
  });
  if (changed) done(t("team.password.changed"));
}
