// How long the provider keeps conversations after their end. Admins change,
// everybody else who sees the teams sees it.
import { h } from "./dom";
import { allows, put, type Provider, type Session } from "./team_api";
import { form, FormError } from "./team_form";
import { facts, paragraph, textField, type Field } from "./team_kern";
import { done, section } from "./team_section";
import { withStepUp } from "./team_stepup";
import { span, t } from "./texts";

/** keepSection shows what holds, and the form for those who may change it. */
export function keepSection(session: Session, provider: Provider, changed: () => void): HTMLElement {
  const body = allows(session, "admin") ? keepForm(session, provider, changed) : null;
  return section(t("team.keep.title", { provider: provider.name }), [paragraph(t("team.keep.explain")), holds(provider), body]);
}

function holds({ kept_s }: Provider): HTMLElement {
  return facts([[t("team.keep.live"), kept(kept_s.live)], [t("team.keep.message"), kept(kept_s.message)]]);
}

/** kept says a span after the end. */
export function kept(seconds: number): string {
  const { unit, n } = span(seconds);
  return t("team.keep." + unit, { n });
}

function keepForm(session: Session, { keep }: Provider, changed: () => void): HTMLElement {
  const live = field("live_h", 24, keep.live_h);
  const message = field("message_d", 365, keep.message_d);
  const act = async (): Promise<void> => {
    const body = { live_h: read(live, 24), message_d: read(message, 365) };
    if (!(await withStepUp(session, () => put<Provider>("provider/keep", body)))) return;
    changed();
    done(t("team.saved"));
  };
  return form({ submit: t("team.save"), fields: [live, message], act, body: [h("div", { class: "team-pair" }, live.root, message.root)] });
}

function field(name: "live_h" | "message_d", max: number, value: number): Field<HTMLInputElement> {
  return textField(t("team.keep." + name), { type: "number", min: 1, max, value: value || "" }, t("team.keep.hint", { max }));
}

/** read gives the number, 0 for an empty field. */
function read(from: Field<HTMLInputElement>, max: number): number {
  const { value, validity } = from.control;
  const n = Number(value);
  if (validity.badInput || (value !== "" && !(Number.isInteger(n) && n >= 1 && n <= max))) throw new FormError("keep_range", from);
  return n;
}
