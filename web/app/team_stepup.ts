// Step-up: dangerous changes ask once more who is there. The answer also gives
// a way to unlock, for changes that need the keys opened again.
import { Problem } from "./api";
import { h } from "./dom";
import type { Kek } from "./seal/index";
import { post, type Session } from "./team_api";
import { openDialog } from "./team_dialog";
import { FormError } from "./team_form";
import { button, paragraph, textField } from "./team_kern";
import { available, signIn } from "./team_passkey";
import { fromPasskey, fromPassword, passkeyWraps } from "./team_secrets";
import { t } from "./texts";

/** GaveUp is thrown when the person closed the question. */
export class GaveUp extends Error {}

/** stepUp asks for the password (and the code), or for a passkey. With needsKey the answer must be able to unlock. Throws GaveUp. */
export async function stepUp(session: Session, needsKey: boolean): Promise<Kek | null> {
  const password = textField(t("team.signin.password"), { type: "password", autocomplete: "current-password" });
  const code = textField(t("team.signin.code"), { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 8, dir: "ltr" });
  let answer: Kek | null = null;
  let touch = false;
  const byTouch = (): void => {
    touch = true;
    body.closest("form")?.requestSubmit();
  };
  const passkey = usable(session, needsKey) ? button(t("team.signin.passkey"), byTouch, { icon: "account-circle" }) : null;
  const body = h("div", { class: "team-form" }, paragraph(t("team.stepup.explain")), password.root, session.totp ? code.root : null, passkey);
  const asked = openDialog({
    title: t("team.stepup.title"),
    body: [body],
    confirm: t("team.stepup.confirm"),
    cancel: t("team.cancel"),
    act: async () => {
      const wish = touch;
      touch = false;
      answer = wish ? await byPasskey(needsKey) : await byPassword(session, password.control, code.control);
    },
  });
  password.control.focus();
  if (!(await asked)) throw new GaveUp();
  return answer;
}

function usable(session: Session, needsKey: boolean): boolean {
  return available() && (!needsKey || passkeyWraps(session).length > 0);
}

async function byPassword(session: Session, password: HTMLInputElement, code: HTMLInputElement): Promise<Kek> {
  if (!password.value) throw new FormError("password_missing");
  if (!session.kdf) throw new FormError("no_password");
  const proof = await fromPassword(password.value, session.kdf);
  await post("step-up", { auth: proof.auth, ...(session.totp ? { totp: code.value.replace(/\s/g, "") } : {}) });
  return proof.kek;
}

async function byPasskey(needsKey: boolean): Promise<Kek | null> {
  const { touched } = await signIn("step-up/passkey");
  const kek = await fromPasskey(touched);
  if (needsKey && !kek) throw new FormError("passkey_no_key");
  return kek;
}

/** withStepUp does a change and asks for a step-up when the server wants one. Giving up is silent: it resolves to undefined. */
export async function withStepUp<T>(session: Session, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (thrown) {
    if (!(thrown instanceof Problem) || thrown.code !== "step_up_required") throw thrown;
  }
  try {
    await stepUp(session, false);
  } catch (thrown) {
    if (thrown instanceof GaveUp) return undefined;
    throw thrown;
  }
  return act();
}
