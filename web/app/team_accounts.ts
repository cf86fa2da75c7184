// The page "accounts": who works here, invitations, rights, and closing an
// account. An invitation link is shown once and never stored.
import { fill, h, one } from "./dom";
import { grantFields } from "./team_grants";
import { post, put, read, type Account, type Invite, type Session } from "./team_api";
import { openDialog, showDialog } from "./team_dialog";
import { FormError } from "./team_form";
import { moment } from "./team_format";
import { badge, button, paragraph, selectField, table, textField } from "./team_kern";
import { done, run, toast } from "./team_section";
import { keepSession, leaveForSignIn } from "./team_session";
import { withStepUp } from "./team_stepup";
import { skillFields } from "./team_skills";
import { t } from "./texts";

const stage = one("#accounts");
const LANGUAGES: Array<readonly [string, string]> = [["de", "Deutsch"], ["de-simple", "Deutsch, einfach"], ["en", "English"], ["ar", "العربية"]];

async function begin(): Promise<void> {
  const session = await read<Session>("session").catch(() => null);
  if (!session || session.limited) return leaveForSignIn();
  await show(session);
  keepSession(session);
}

async function show(session: Session): Promise<void> {
  const { accounts } = await read<{ accounts: Account[] }>("accounts");
  const renew = (): Promise<void> => show(session);
  fill(
    stage,
    h("div", { class: "team-actions" }, button(t("team.accounts.invite"), () => run(() => inviteOne(session, renew)), { weight: "primary", icon: "add" })),
    table(t("team.accounts.caption", { n: accounts.length }), [
      { head: t("team.accounts.name"), cell: (row) => h("span", {}, row.name, h("br"), h("span", { class: "kern-hint", dir: "ltr" }, row.email)) },
      { head: t("team.accounts.roles"), cell: (row) => roles(session, row) },
      { head: t("team.accounts.state"), cell: (row) => state(row) },
      { head: t("team.accounts.factors"), cell: (row) => factors(row) },
      { head: t("team.sessions.action"), cell: (row) => actions(session, row, renew) },
    ], accounts),
  );
}

function roles(session: Session, account: Account): HTMLElement {
  const list = h("ul", { class: "team-plain" });
  for (const grant of account.grants) {
    const team = session.teams.find((one) => one.id === grant.team)?.name ?? t("team.role.all");
    list.append(h("li", {}, t("team.role." + grant.role) + " (" + team + ")"));
  }
  return list;
}

function state(account: Account): HTMLElement {
  const tone = { active: "success", invited: "info", disabled: "danger" } as const;
  const until = account.state === "invited" && account.invite_expires_at ? h("span", { class: "kern-hint" }, t("team.accounts.until", { time: moment(account.invite_expires_at) })) : null;
  return h("span", {}, badge(t("team.accounts.state." + account.state), tone[account.state]), until);
}

function factors(account: Account): string {
  const words = [account.totp ? t("team.totp.short") : "", account.passkeys > 0 ? t("team.accounts.passkeys", { n: account.passkeys }) : ""];
  return words.filter(Boolean).join(", ") || t("team.accounts.password_only");
}

function actions(session: Session, account: Account, renew: () => Promise<void>): HTMLElement {
  const named = (text: string, key: string, act: () => Promise<unknown>): HTMLButtonElement =>
    button(text, () => run(act), { small: true, label: t("team.accounts." + key + "_one", { name: account.name }) });
  const self = account.id === session.id;
  return h(
    "div",
    { class: "team-actions" },
    named(t("team.accounts.edit"), "edit", () => editOne(session, account, renew)),
    account.state === "invited" ? named(t("team.accounts.link"), "link", () => newLink(session, account, "invite")) : null,
    account.state === "active" && !self ? named(t("team.accounts.reset"), "reset", () => resetOne(session, account, renew)) : null,
    account.state === "active" && !self ? named(t("team.accounts.disable"), "disable", () => toggle(session, account, "disable", renew)) : null,
    account.state === "disabled" ? named(t("team.accounts.enable"), "enable", () => toggle(session, account, "enable", renew)) : null,
  );
}

async function inviteOne(session: Session, renew: () => Promise<void>): Promise<void> {
  const name = textField(t("team.accounts.name"), { maxlength: 100, autocomplete: "off" }, t("team.accounts.name_hint"));
  const email = textField(t("team.signin.email"), { type: "email", maxlength: 254, autocomplete: "off", dir: "ltr" });
  const speaks = selectField(t("team.account.language"), LANGUAGES, "de");
  const grants = grantFields(session, []);
  const skills = skillFields({ topics: [], languages: ["de"], limit: 2, trainee: false });
  let invite: Invite | undefined;
  await openDialog({
    title: t("team.accounts.invite"),
    body: [h("div", { class: "team-form" }, name.root, email.root, speaks.root, grants.root, skills.root)],
    confirm: t("team.accounts.send"),
    cancel: t("team.cancel"),
    act: async () => {
      [name, email].forEach((field) => field.clear());
      if (!name.control.value.trim()) throw new FormError("name_missing", name);
      if (!email.control.value.includes("@")) throw new FormError("email_missing", email);
      const body = { email: email.control.value.trim(), name: name.control.value.trim(), language: speaks.control.value, grants: grants.value(), skills: skills.value() };
      invite = (await withStepUp(session, () => post<{ invite: Invite }>("accounts", body)))?.invite;
    },
  });
  await renew();
  if (invite) await showLink(name.control.value, invite);
}

async function editOne(session: Session, account: Account, renew: () => Promise<void>): Promise<void> {
  const name = textField(t("team.accounts.name"), { maxlength: 100, autocomplete: "off", value: account.name });
  const speaks = selectField(t("team.account.language"), LANGUAGES, account.language);
  const grants = grantFields(session, account.grants);
  const skills = skillFields(account.skills);
  const saved = await openDialog({
    title: t("team.accounts.edit_one", { name: account.name }),
    body: [h("div", { class: "team-form" }, name.root, speaks.root, grants.root, skills.root)],
    confirm: t("team.save"),
    cancel: t("team.cancel"),
    act: async () => {
      name.clear();
      if (!name.control.value.trim()) throw new FormError("name_missing", name);
      await withStepUp(session, async () => {
        await put("accounts/" + account.id, { name: name.control.value.trim(), language: speaks.control.value });
        await put("accounts/" + account.id + "/grants", { grants: grants.value() });
        await put("accounts/" + account.id + "/skills", skills.value());
      });
    },
  });
  if (!saved) return;
  await renew();
  done(t("team.saved"));
}

async function newLink(session: Session, account: Account, kind: "invite" | "reset"): Promise<void> {
  const invite = await withStepUp(session, () => post<Invite>("accounts/" + account.id + "/" + kind));
  if (invite) await showLink(account.name, invite);
}

async function resetOne(session: Session, account: Account, renew: () => Promise<void>): Promise<void> {
  let go = false;
  await openDialog({
    title: t("team.accounts.reset_one", { name: account.name }),
    body: [paragraph(t("team.accounts.reset_explain"))],
    confirm: t("team.accounts.reset"),
    cancel: t("team.cancel"),
    act: () => void (go = true),
  });
  if (!go) return;
  await newLink(session, account, "reset");
  await renew();
}

async function toggle(session: Session, account: Account, act: "disable" | "enable", renew: () => Promise<void>): Promise<void> {
  const changed = await withStepUp(session, async () => {
    await post("accounts/" + account.id + "/" + act);
    return true;
  });
  if (!changed) return;
  await renew();
  done(t("team.accounts.done." + act, { name: account.name }));
}

/** showLink shows an invitation link to copy; it is not kept anywhere. */
async function showLink(name: string, invite: Invite): Promise<void> {
  const link = textField(t("team.accounts.link_label"), { readonly: true, value: invite.url, dir: "ltr" }, t("team.accounts.until", { time: moment(invite.expires_at) }));
  const told = h("p", { class: "kern-hint", role: "status" });
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(invite.url);
    told.textContent = t("team.copied");
  };
  link.control.addEventListener("focus", () => link.control.select());
  await showDialog(
    t("team.accounts.link_title", { name }),
    [paragraph(t("team.accounts.link_explain")), link.root, h("div", { class: "team-actions" }, button(t("team.copy"), () => run(copy), { small: true, icon: "content-copy" })), told],
    t("team.close"),
  );
}

void begin().catch((thrown) => toast(thrown));
