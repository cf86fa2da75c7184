// Rights of an account: for each role either all teams, or single ones.
import { h } from "./dom";
import type { Grant, Session } from "./team_api";
import { checks } from "./team_kern";
import { t } from "./texts";

const ROLES: Array<Grant["role"]> = ["counsellor", "supervisor", "admin", "auditor"];

/** GrantFields is a group of tick boxes for each role. */
export interface GrantFields {
  root: HTMLElement;
  value(): Array<{ role: Grant["role"]; team?: string }>;
}

/** grantFields makes the boxes with the present rights ticked. Admins and auditors stand for the whole provider. */
export function grantFields(session: Session, grants: readonly Grant[]): GrantFields {
  const all = ["", t("team.role.all")] as const;
  const groups = ROLES.map((role) => {
    const scoped = role === "counsellor" || role === "supervisor" ? session.teams.map((team) => [team.id, team.name] as const) : [];
    const chosen = grants.filter((grant) => grant.role === role).map((grant) => grant.team ?? "");
    return { role, group: checks(t("team.role." + role), [all, ...scoped], chosen) };
  });
  return {
    root: h("div", { class: "team-pair" }, ...groups.map(({ group }) => group.root)),
    value: () => groups.flatMap(({ role, group }) => group.values().map((team) => (team ? { role, team } : { role }))),
  };
}
