// Passkeys of this account: add under a name, remove.
import { fill, h } from "./dom";
import { read, remove, type Passkey, type Session } from "./team_api";
import { openDialog } from "./team_dialog";
import { FormError } from "./team_form";
import { moment } from "./team_format";
import { badge, button, paragraph, table, textField } from "./team_kern";
import { available } from "./team_passkey";
import { addPasskey } from "./team_passkey_add";
import { done, run, section } from "./team_section";
import { stepUp, withStepUp } from "./team_stepup";
import { t } from "./texts";

/** passkeySection lists and changes the passkeys. */
export async function passkeySection(session: Session): Promise<HTMLElement> {
  const place = h("div", {});
  const show = async (): Promise<void> => {
    const { passkeys } = await read<{ passkeys: Passkey[] }>("passkeys");
    fill(place, passkeys.length === 0 ? paragraph(t("team.passkey.none")) : list(session, passkeys, show));
  };
  await show();
  const add = available() ? button(t("team.passkey.add"), () => run(() => addOne(session, show))) : null;
  return section(t("team.passkey.title"), [
    paragraph(t("team.passkey.explain")),
    place,
    add ? h("div", { class: "team-actions" }, add) : paragraph(t("team.passkey.unavailable")),
  ]);
}

function list(session: Session, passkeys: Passkey[], show: () => Promise<void>): HTMLElement {
  return table(t("team.passkey.caption"), [
    { head: t("team.passkey.name"), cell: (row) => row.name },
    { head: t("team.passkey.created"), cell: (row) => moment(row.created_at) },
    { head: t("team.passkey.used"), cell: (row) => (row.used_at ? moment(row.used_at) : t("team.passkey.never")) },
    { head: t("team.passkey.unlocks"), cell: (row) => badge(t(row.unlocks ? "team.yes" : "team.no"), row.unlocks ? "success" : "info") },
    { head: t("team.sessions.action"), cell: (row) => removeButton(session, row, show) },
  ], passkeys);
}

function removeButton(session: Session, row: Passkey, show: () => Promise<void>): HTMLButtonElement {
  const act = async (): Promise<void> => {
    const removed = await withStepUp(session, async () => {
      await remove("passkeys/" + row.id);
      return true;
    });
    if (!removed) return;
    await renewSession(session);
    await show();
    done(t("team.passkey.removed"));
  };
  return button(t("team.remove"), () => run(act), { small: true, label: t("team.passkey.remove_one", { name: row.name }) });
}

async function addOne(session: Session, show: () => Promise<void>): Promise<void> {
  const have = await stepUp(session, true);
  const name = textField(t("team.passkey.name"), { maxlength: 60, autocomplete: "off", value: t("team.passkey.first_name") }, t("team.passkey.name_hint"));
  let made: Passkey | null = null;
  const added = await openDialog({
    title: t("team.passkey.add"),
    body: [h("div", { class: "team-form" }, name.root)],
    confirm: t("team.passkey.create"),
    cancel: t("team.cancel"),
    act: async () => {
      if (!name.control.value.trim()) throw new FormError("name_missing", name);
      if (!have || !session.keys) throw new FormError("no_keys");
      made = await addPasskey(name.control.value.trim(), session.keys, have);
    },
  });
  if (!added) return;
  await renewSession(session);
  await show();
  done(t((made as Passkey | null)?.unlocks ? "team.passkey.added_unlocks" : "team.passkey.added"));
}

async function renewSession(session: Session): Promise<void> {
  Object.assign(session, await read<Session>("session"));
}
