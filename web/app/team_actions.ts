// The three ways a conversation leaves this desk, each asked once.
import { h } from "./dom";
import { openDialog } from "./team_dialog";
import { tag } from "./team_format";
import { paragraph, radios } from "./team_kern";
import type { Desk } from "./team_desk";
import type { Talk } from "./team_talk";
import { t } from "./texts";

/** askEnd ends a conversation for both sides. */
export function askEnd(desk: Desk, talk: Talk): void {
  void openDialog({
    title: t("team.end.title", { tag: tag(talk.id) }),
    body: [paragraph(t("team.end.explain"))],
    confirm: t("team.end.confirm"),
    cancel: t("team.cancel"),
    act: () => desk.tell({ t: "close", c: talk.id }),
  });
}

/** askHandBack gives a conversation back to the queue or to the team's messages. */
export function askHandBack(desk: Desk, talk: Talk): void {
  void openDialog({
    title: t("team.hand_back.title", { tag: tag(talk.id) }),
    body: [paragraph(t(talk.state.kind === "message" ? "team.hand_back.message" : "team.hand_back.live"))],
    confirm: t("team.hand_back.confirm"),
    cancel: t("team.cancel"),
    act: () => desk.tell({ t: "release", c: talk.id }),
  });
}

/** targets are those who may take over now, as value and label: colleagues who are ready, and the other teams of the provider. */
async function targets(desk: Desk, talk: Talk): Promise<(readonly [string, string])[]> {
  await desk.renewTeams();
  const people = (desk.team(talk.state.team)?.colleagues ?? []).filter((c) => c.id !== desk.me.id).map((c) => ["person:" + c.id, c.name] as const);
  const teams = desk.provided.filter((team) => team.id !== talk.state.team).map((team) => ["team:" + team.id, t("team.hand_over.team", { name: team.name })] as const);
  return [...people, ...teams];
}

/** askHandOver asks the seeker whether a colleague or another team of the provider may take over. */
export async function askHandOver(desk: Desk, talk: Talk): Promise<void> {
  const to = await targets(desk, talk);
  if (!talk.mine || document.querySelector("dialog[open]")) return; // meanwhile
  if (to.length === 0) return nobody();
  const choice = radios(t("team.hand_over.to"), to, to[0]![0]);
  void openDialog({
    title: t("team.hand_over.title", { tag: tag(talk.id) }),
    body: [paragraph(t("team.hand_over.explain")), choice.root],
    confirm: t("team.hand_over.confirm"),
    cancel: t("team.cancel"),
    act: () => ask(desk, talk, choice.value()),
  });
}

function ask(desk: Desk, talk: Talk, target: string): void {
  const [kind, id] = target.split(":");
  desk.tell({ t: "transfer", c: talk.id, step: "ask", ...(kind === "team" ? { team: id } : { person: id }) });
}

function nobody(): void {
  void openDialog({
    title: t("team.hand_over.nobody"),
    body: [h("p", { class: "kern-body" }, t("team.hand_over.nobody_explain"))],
    confirm: t("team.close"),
    cancel: t("team.cancel"),
    act: () => undefined,
  });
}
