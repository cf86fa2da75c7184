// The recovery code is shown once. To go on, its last block has to be typed,
// so that nobody clicks it away unseen.
import { h, type Child } from "./dom";
import { FormError } from "./team_form";
import { alert, button, paragraph, textField, type Field } from "./team_kern";
import { t } from "./texts";

/** RecoveryStep shows a code and checks that it was written down. */
export interface RecoveryStep {
  fields: ReadonlyArray<Field<HTMLInputElement>>;
  body: Child[];
  check(): void;
}

/** recoveryStep makes the step for one code. */
export function recoveryStep(code: string): RecoveryStep {
  const last = code.split("-").slice(-2).join("");
  const typed = textField(
    t("team.recovery.confirm"),
    { autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 16 },
    t("team.recovery.confirm_hint"),
  );
  typed.control.classList.add("team-code-input");
  return {
    fields: [typed],
    body: [
      paragraph(t("team.recovery.explain")),
      h("p", { class: "team-code", dir: "ltr", translate: "no" }, code),
      h("div", { class: "team-actions team-no-print" }, button(t("team.recovery.print"), () => window.print(), { small: true })),
      alert("warning", t("team.recovery.once")),
      typed.root,
    ],
    check() {
      if (plain(typed.control.value) !== plain(last)) throw new FormError("recovery_confirm", typed);
    },
  };
}

/** plain reads a block as people type it: any case, O for 0, I and L for 1. */
function plain(text: string): string {
  return text.toUpperCase().replace(/[^0-9A-Z]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
}
