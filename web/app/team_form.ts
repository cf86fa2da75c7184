// Forms of the staff pages: one submit at a time, errors said once in a live
// place and at the field, the focus on what has to be mended.
import { Problem } from "./api";
import { fill, h, type Child } from "./dom";
import { alert, button, type Field } from "./team_kern";
import { failure, known, t } from "./texts";

/** FormError is an error of the page itself; its code is a text key below team.error. */
export class FormError extends Error {
  constructor(readonly code: string, readonly field?: Field<HTMLElement>) {
    super(code);
  }
}

/** sentence gives what to tell about anything that was thrown. */
export function sentence(thrown: unknown): string {
  if (thrown instanceof FormError) return t("team.error." + thrown.code);
  if (thrown instanceof Problem) return failure(thrown.code);
  const code = (thrown as { code?: unknown }).code;
  if (typeof code === "string" && known("team.error." + code)) return t("team.error." + code);
  return failure("internal");
}

/** FormOptions: act does the work and throws to show an error. */
export interface FormOptions {
  submit: string;
  fields: ReadonlyArray<Field<HTMLElement>>;
  body: Child[];
  extra?: Child[];
  act: () => Promise<void>;
}

/** form makes a form whose submit button waits for the act. */
export function form(options: FormOptions): HTMLFormElement {
  const place = h("div", { class: "team-form__error", role: "alert" });
  const submit = button(options.submit, null, { weight: "primary", submit: true });
  const element = h(
    "form",
    { class: "team-form", novalidate: true },
    place,
    ...options.body,
    h("div", { class: "team-actions" }, submit, ...(options.extra ?? [])),
  );
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (submit.getAttribute("aria-disabled") === "true") return;
    submit.setAttribute("aria-disabled", "true");
    fill(place);
    options.fields.forEach((field) => field.clear());
    try {
      await options.act();
    } catch (thrown) {
      tell(place, thrown);
    } finally {
      submit.removeAttribute("aria-disabled");
    }
  });
  return element;
}

/** tell shows an error at its field, or in a live place. */
export function tell(place: HTMLElement, thrown: unknown): void {
  const field = thrown instanceof FormError ? thrown.field : undefined;
  if (!field) return fill(place, alert("danger", sentence(thrown)));
  field.fail(sentence(thrown));
  field.control.focus();
}
