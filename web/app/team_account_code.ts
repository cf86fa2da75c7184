// The second factor by app (TOTP) and the recovery code.
import { fill, h } from "./dom";
import { rewrap } from "./seal/index";
import { post, put, remove, type Session } from "./team_api";
import { openDialog } from "./team_dialog";
import { FormError } from "./team_form";
import { badge, button, paragraph, textField } from "./team_kern";
import { drawQr } from "./team_qr";
import { recoveryStep } from "./team_recovery";
import { newRecovery } from "./team_secrets";
import { done, run, section } from "./team_section";
import { stepUp, withStepUp } from "./team_stepup";
import { t } from "./texts";

/** codeSection shows whether a code is asked at sign-in and changes it. */
export function codeSection(session: Session): HTMLElement {
  const place = h("div", {});
  const show = (): void => {
    const act = session.totp ? button(t("team.totp.remove"), () => run(() => removeCode(session, show))) : button(t("team.totp.add"), () => run(() => addCode(session, show)));
    fill(
      place,
      h("p", { class: "kern-body" }, badge(t(session.totp ? "team.totp.on" : "team.totp.off"), session.totp ? "success" : "warning")),
      h("div", { class: "team-actions" }, act),
    );
  };
  show();
  return section(t("team.totp.title"), [paragraph(t("team.totp.explain")), place]);
}

async function addCode(session: Session, show: () => void): Promise<void> {
  const made = await withStepUp(session, () => post<{ secret: string; uri: string }>("totp"));
  if (!made) return;
  const code = textField(t("team.totp.code"), { inputmode: "numeric", autocomplete: "one-time-code", maxlength: 8, dir: "ltr" });
  const added = await openDialog({
    title: t("team.totp.add"),
    body: [
      h(
        "div",
        { class: "team-form" },
        paragraph(t("team.totp.scan")),
        drawQr(made.uri, t("team.totp.qr")),
        paragraph(t("team.totp.or_type")),
        h("p", { class: "team-code", dir: "ltr", translate: "no" }, made.secret.replace(/(.{4})(?=.)/g, "$1 ")),
        code.root,
      ),
    ],
    confirm: t("team.totp.confirm"),
    cancel: t("team.cancel"),
    act: async () => {
      code.clear();
      const digits = code.control.value.replace(/\s/g, "");
      if (!/^\d{6}$/.test(digits)) throw new FormError("code_form", code);
      await post("totp/confirm", { code: digits });
    },
  });
  if (!added) return;
  session.totp = true;
  show();
  done(t("team.totp.added"));
}

async function removeCode(session: Session, show: () => void): Promise<void> {
  const removed = await withStepUp(session, async () => {
    await remove("totp");
    return true;
  });
  if (!removed) return;
  session.totp = false;
  show();
  done(t("team.totp.removed"));
}

/** recoverySection makes a new recovery code; the old one dies. */
export function recoverySection(session: Session): HTMLElement {
  const renew = button(t("team.recovery.renew"), () => run(() => renewCode(session)));
  return section(t("team.recovery.section"), [paragraph(t("team.recovery.about")), h("div", { class: "team-actions" }, renew)]);
}

async function renewCode(session: Session): Promise<void> {
  const have = await stepUp(session, true);
  if (!have || !session.keys) throw new FormError("no_keys");
  const { text, proof } = await newRecovery();
  const wrap = await rewrap(session.keys, have, proof.kek);
  const shown = recoveryStep(text);
  const renewed = await openDialog({
    title: t("team.recovery.title"),
    body: [h("div", { class: "team-form" }, ...shown.body)],
    confirm: t("team.recovery.activate"),
    cancel: t("team.cancel"),
    act: async () => {
      shown.fields.forEach((field) => field.clear());
      shown.check();
      await put("recovery", { auth: proof.auth, wrap });
    },
  });
  if (renewed) done(t("team.recovery.renewed"));
}
