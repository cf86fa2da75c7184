// The page "audit log": what was done by whom, without content, and whether
// the chain of entries is whole.
import { fill, h, one } from "./dom";
import { read, type Session } from "./team_api";
import { form } from "./team_form";
import { moment } from "./team_format";
import { alert, button, table, textField } from "./team_kern";
import { run, toast } from "./team_section";
import { keepSession, leaveForSignIn } from "./team_session";
import { t } from "./texts";

interface AuditEntry {
  no: number;
  at: string;
  actor: string;
  actor_name: string;
  action: string;
  object: string;
  object_name: string;
  meta: Record<string, unknown>;
}

interface Filter {
  action: string;
  object: string;
}

const stage = one("#audit");
const PAGE = 100;

async function begin(): Promise<void> {
  const session = await read<Session>("session").catch(() => null);
  if (!session || session.limited) return leaveForSignIn();
  const verdict = h("div", { role: "status" });
  const place = h("div", {});
  const action = textField(t("team.audit.action"), { maxlength: 60, dir: "ltr", autocomplete: "off" });
  const object = textField(t("team.audit.object"), { maxlength: 60, dir: "ltr", autocomplete: "off" });
  const act = (): Promise<void> => list(place, { action: action.control.value.trim(), object: object.control.value.trim() });
  const verify = button(t("team.audit.verify"), () => run(() => check(verdict)));
  fill(stage, h("div", { class: "team-actions" }, verify), verdict, form({ submit: t("team.audit.filter"), fields: [action, object], body: [h("div", { class: "team-pair" }, action.root, object.root)], act }), place);
  await list(place, { action: "", object: "" });
  await check(verdict);
  keepSession(session);
}

async function check(verdict: HTMLElement): Promise<void> {
  const { ok, first_bad } = await read<{ ok: boolean; first_bad: number | null }>("audit/verify");
  fill(verdict, ok ? alert("success", t("team.audit.whole")) : alert("danger", t("team.audit.broken", { number: String(first_bad ?? "?") })));
}

async function list(place: HTMLElement, filter: Filter): Promise<void> {
  const rows: AuditEntry[] = [];
  const more = async (before?: number): Promise<void> => {
    const { entries, next } = await read<{ entries: AuditEntry[]; next: number | null }>("audit", { ...filter, before, limit: PAGE });
    rows.push(...entries);
    fill(
      place,
      table(t("team.audit.caption", { n: rows.length }), [
        { head: t("team.audit.no"), cell: (row) => String(row.no) },
        { head: t("team.audit.at"), cell: (row) => moment(row.at) },
        { head: t("team.audit.actor"), cell: (row) => named(row.actor_name, row.actor) },
        { head: t("team.audit.action"), cell: (row) => code(row.action) },
        { head: t("team.audit.object"), cell: (row) => named(row.object_name, row.object) },
        { head: t("team.audit.meta"), cell: (row) => code(meta(row.meta)) },
      ], rows),
      next === null ? null : h("div", { class: "team-actions" }, button(t("team.audit.more"), () => run(() => more(next)))),
    );
  };
  await more();
}

/** A name with its id below, or the id alone. */
function named(name: string, id: string): HTMLElement {
  return name ? h("span", {}, h("bdi", {}, name), h("br", {}), code(id)) : code(id);
}

/** code may break after its parts, and only where that is not enough within one. */
function code(text: string): HTMLElement {
  return h("span", { class: "team-mono", dir: "ltr" }, ...text.split(/(?<=[._=-])/).flatMap((part) => [part, h("wbr", {})]));
}

function meta(values: Record<string, unknown>): string {
  return Object.entries(values ?? {}).map(([key, value]) => key + "=" + String(value)).join(" ");
}

void begin().catch((thrown) => toast(thrown));
