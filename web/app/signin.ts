// Sign-in: who are you, a code when the account asks for one, then the keys.
// The password becomes secrets here and never leaves this page.
import { Problem } from "./api";
import { fill, h, one, say, type Child } from "./dom";
import { loadKeys, rewrap, wipeKeys } from "./seal/index";
import { post, put, read, type Kdf, type Session } from "./team_api";
import { form, FormError, sentence } from "./team_form";
import { alert, button, paragraph, textField } from "./team_kern";
import { newPasswordFields } from "./team_password";
import { available, signIn } from "./team_passkey";
import { recoveryStep } from "./team_recovery";
import { choosePassword, fromCode, fromPasskey, fromPassword, makeKeys, newRecovery, passkeyWraps, unlockSession, type Proof } from "./team_secrets";
import { t } from "./texts";

const stage = one("#signin");

/** next is the page to go to: only paths of the staff pages are followed. */
function next(): string {
  const wish = new URLSearchParams(location.search).get("weiter") ?? "";
  return /^\/team(\/[a-z/]*)?$/.test(wish) ? wish : "/team";
}

function step(title: string, ...children: Child[]): void {
  const heading = one("#stage-title");
  const first = stage.childElementCount === 0;
  say(heading, title);
  fill(stage, ...children);
  if (!first) heading.focus();
}

function link(text: string, act: () => void): HTMLButtonElement {
  return button(text, act, { weight: "tertiary" });
}

function showSignIn(note: Child = null): void {
  const email = textField(t("team.signin.email"), { type: "email", autocomplete: "username webauthn", required: true, dir: "ltr" });
  const password = textField(t("team.signin.password"), { type: "password", autocomplete: "current-password", required: true });
  const act = async (): Promise<void> => {
    if (!email.control.value) throw new FormError("email_missing", email);
    if (!password.control.value) throw new FormError("password_missing", password);
    const kdf = await post<Kdf>("login/start", { email: email.control.value });
    await withPassword(email.control.value, await fromPassword(password.control.value, kdf));
  };
  step(
    t("team.signin.title"),
    note,
    form({ submit: t("team.signin.submit"), fields: [email, password], body: [email.root, password.root], act }),
    h("p", { class: "team-or" }, t("team.signin.or")),
    h(
      "div",
      { class: "team-actions" },
      available() ? passkeyButton() : null,
      link(t("team.signin.recovery"), showRecovery),
    ),
  );
}

async function withPassword(email: string, proof: Proof): Promise<void> {
  try {
    const session = await post<Session>("login", { email, auth: proof.auth });
    await withKeys(session, proof);
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code === "totp_required") return showCode(email, proof);
    throw thrown;
  }
}

function showCode(email: string, proof: Proof): void {
  const code = textField(
    t("team.signin.code"),
    { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 8, dir: "ltr" },
    t("team.signin.code_hint"),
  );
  const act = async (): Promise<void> => {
    const totp = code.control.value.replace(/\s/g, "");
    if (!/^\d{6}$/.test(totp)) throw new FormError("code_form", code);
    await withKeys(await post<Session>("login", { email, auth: proof.auth, totp }), proof);
  };
  step(
    t("team.signin.code_title"),
    form({ submit: t("team.signin.submit"), fields: [code], body: [code.root], extra: [link(t("team.signin.start_again"), () => showSignIn())], act }),
  );
  code.control.focus();
}

function passkeyButton(): HTMLButtonElement {
  return button(t("team.signin.passkey"), () => void withPasskey(), { weight: "secondary", icon: "account-circle" });
}

async function withPasskey(): Promise<void> {
  try {
    const { session, touched } = await signIn("login/passkey");
    const kek = await fromPasskey(touched);
    if (!kek || !passkeyWraps(session).includes(touched.id)) return showUnlock(session);
    await unlockSession(session, kek);
    location.assign(next());
  } catch (thrown) {
    showSignIn(alert("danger", sentence(thrown), [], true));
  }
}

/** withKeys unlocks with what signed in; an account without keys gets them first. */
async function withKeys(session: Session, proof: Proof): Promise<void> {
  if (!session.keys) return showFirstKeys(proof);
  await unlockSession(session, proof.kek);
  location.assign(next());
}

async function showFirstKeys(proof: Proof): Promise<void> {
  const recovery = await newRecovery();
  const recoveryForm = recoveryStep(recovery.text);
  const act = async (): Promise<void> => {
    recoveryForm.check();
    const keys = await makeKeys(proof.kek, recovery.proof.kek);
    await put("keys", { keys, recovery: { auth: recovery.proof.auth } });
    await unlockSession(await read<Session>("session"), proof.kek);
    location.assign(next());
  };
  step(t("team.signin.first_keys"), form({ submit: t("team.signin.go"), fields: recoveryForm.fields, body: recoveryForm.body, act }));
}

/** showUnlock is for a session whose keys are not open in this browser. */
function showUnlock(session: Session): void {
  const password = textField(t("team.signin.password"), { type: "password", autocomplete: "current-password" });
  const act = async (): Promise<void> => {
    if (!password.control.value) throw new FormError("password_missing", password);
    if (!session.kdf) throw new FormError("no_password");
    const proof = await fromPassword(password.control.value, session.kdf);
    await withKeys(session, proof);
  };
  step(
    t("team.unlock.title"),
    paragraph(t("team.unlock.explain", { name: session.name })),
    form({ submit: t("team.unlock.submit"), fields: [password], body: [password.root], act }),
    h("p", { class: "team-or" }, t("team.signin.or")),
    h(
      "div",
      { class: "team-actions" },
      available() && passkeyWraps(session).length > 0 ? passkeyButton() : null,
      link(t("team.unlock.code"), () => showUnlockCode(session)),
      link(t("team.sign_out"), () => void signOut()),
    ),
  );
}

function codeField() {
  const code = textField(
    t("team.recovery.code"),
    { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", dir: "ltr", maxlength: 64 },
    t("team.recovery.code_hint"),
  );
  code.control.classList.add("team-code-input");
  return code;
}

function showUnlockCode(session: Session): void {
  const code = codeField();
  const act = async (): Promise<void> => {
    await unlockSession(session, (await fromCode(code.control.value)).kek);
    location.assign(next());
  };
  step(t("team.unlock.title"), form({ submit: t("team.unlock.submit"), fields: [code], body: [code.root], act }));
}

async function signOut(): Promise<void> {
  await wipeKeys();
  await post("logout").catch(() => undefined);
  history.replaceState(null, "", "/team/anmelden");
  showSignIn(alert("success", t("team.page.signed_out"), [], true));
}

function showRecovery(): void {
  const email = textField(t("team.signin.email"), { type: "email", autocomplete: "username", dir: "ltr" });
  const code = codeField();
  const act = async (): Promise<void> => {
    if (!email.control.value) throw new FormError("email_missing", email);
    const proof = await fromCode(code.control.value);
    showNewPassword(await post<Session>("login/recovery", { email: email.control.value, auth: proof.auth }), proof);
  };
  step(
    t("team.signin.recovery_title"),
    paragraph(t("team.signin.recovery_explain")),
    form({ submit: t("team.signin.continue"), fields: [email, code], body: [email.root, code.root], extra: [link(t("team.signin.start_again"), () => showSignIn())], act }),
  );
}

function showNewPassword(session: Session, recovery: Proof): void {
  const chosen = newPasswordFields(() => [session.email, session.name]);
  const act = async (): Promise<void> => {
    const fresh = await choosePassword(chosen.value());
    const wrap = await rewrap(session.keys!, recovery.kek, fresh.kek);
    const { salt, iterations, auth } = fresh;
    await withKeys(await put<Session>("password", { salt, iterations, auth, wrap }), fresh);
  };
  step(
    t("team.password.title"),
    paragraph(t("team.password.after_recovery")),
    form({ submit: t("team.password.submit"), fields: chosen.fields, body: chosen.body, act }),
  );
}

/** leave signs out: at once when the person asked for it here, otherwise after a press. */
async function leave(asked: boolean): Promise<void> {
  if (asked) return signOut();
  step(t("team.page.sign_out"), paragraph(t("team.page.sign_out_question")), h("div", { class: "team-actions" }, button(t("team.sign_out"), () => void signOut(), { weight: "primary" })));
}

async function begin(): Promise<void> {
  const wish = stage.dataset.leave;
  if (wish) return leave(wish === "now");
  const session = stage.dataset.session === "yes" ? await read<Session>("session").catch(() => null) : null;
  if (!session || session.limited) {
    await wipeKeys();
    return showSignIn();
  }
  if (await loadKeys(session.id)) return location.replace(next());
  showUnlock(session);
}

void begin();
