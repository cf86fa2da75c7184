// Accepting an invitation: a password, fresh keys, the recovery code, and a
// passkey if the person likes. The token stands in the fragment of the address
// and is taken out of the address bar at once.
import { Problem } from "./api";
import { fill, h, one, say, type Child } from "./dom";
import { post, type Session } from "./team_api";
import { form, sentence } from "./team_form";
import { alert, button, paragraph } from "./team_kern";
import { newPasswordFields } from "./team_password";
import { addPasskey } from "./team_passkey_add";
import { available } from "./team_passkey";
import { recoveryStep } from "./team_recovery";
import { choosePassword, makeKeys, newRecovery, unlockSession, type NewPassword } from "./team_secrets";
import { failure, t } from "./texts";

interface Invitation {
  email: string;
  name: string;
  provider: { id: string; name: string };
  purpose: "invite" | "reset";
  expires_at: string;
}

const stage = one("#invite");

function step(title: string, ...children: Child[]): void {
  const heading = one("#stage-title");
  const first = stage.childElementCount === 0;
  say(heading, title);
  fill(stage, ...children);
  if (!first) heading.focus();
}

async function begin(): Promise<void> {
  const token = location.hash.slice(1);
  history.replaceState(null, "", location.pathname + location.search);
  try {
    showPassword(token, await post<Invitation>("invite", { token }));
  } catch (thrown) {
    const code = thrown instanceof Problem ? thrown.code : "internal";
    step(t("team.invite.title"), alert("danger", failure(code), [paragraph(t("team.invite.ask"))]));
  }
}

function showPassword(token: string, invitation: Invitation): void {
  const chosen = newPasswordFields(() => [invitation.email, invitation.name, invitation.provider.name]);
  const user = h("input", { type: "text", autocomplete: "username", value: invitation.email, readonly: true, hidden: true });
  const act = async (): Promise<void> => {
    const password = chosen.value();
    await showRecovery(token, await choosePassword(password));
  };
  step(
    t("team.invite.welcome", { name: invitation.name }),
    paragraph(t(invitation.purpose === "reset" ? "team.invite.reset" : "team.invite.explain", { provider: invitation.provider.name, email: invitation.email })),
    form({ submit: t("team.signin.continue"), fields: chosen.fields, body: [user, ...chosen.body], act }),
  );
}

async function showRecovery(token: string, password: NewPassword): Promise<void> {
  const recovery = await newRecovery();
  const shown = recoveryStep(recovery.text);
  const act = async (): Promise<void> => {
    shown.check();
    const keys = await makeKeys(password.kek, recovery.proof.kek);
    const { salt, iterations, auth } = password;
    const session = await post<Session>("invite/accept", {
      token,
      language: document.documentElement.lang,
      password: { salt, iterations, auth },
      recovery: { auth: recovery.proof.auth },
      keys,
    });
    await unlockSession(session, password.kek);
    showPasskey(session, password);
  };
  step(t("team.recovery.title"), form({ submit: t("team.invite.accept"), fields: shown.fields, body: shown.body, act }));
}

/** showPasskey offers a passkey; everything works without. */
function showPasskey(session: Session, password: NewPassword): void {
  const go = button(t("team.signin.go"), () => location.assign("/team"), { weight: "primary" });
  const place = h("div", { role: "alert" });
  const add = async (): Promise<void> => {
    try {
      await addPasskey(t("team.passkey.first_name"), session.keys!, password.kek);
      location.assign("/team");
    } catch (thrown) {
      fill(place, alert("danger", sentence(thrown)));
    }
  };
  step(
    t("team.invite.done"),
    place,
    available() ? paragraph(t("team.invite.passkey")) : null,
    h("div", { class: "team-actions" }, available() ? button(t("team.passkey.add"), () => void add()) : null, go),
  );
}

void begin();
