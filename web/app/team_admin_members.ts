// The signed membership of a team: who can read, the six words, and the new
// states that a supervisor or admin signs here with the own key.
import { h } from "./dom";
import { newState, type Chain, type Member, type SignedState, type StaffKeys } from "./seal/index";
import { allows, post, read, type Session, type Team } from "./team_api";
import { openDialog } from "./team_dialog";
import { FormError } from "./team_form";
import { alert, badge, button, checkbox, paragraph, table } from "./team_kern";
import { done, run, section } from "./team_section";
import { withStepUp } from "./team_stepup";
import { accept, shortKey, sixWords } from "./team_trust";
import { known, t } from "./texts";

interface Pending {
  id: string;
  name: string;
  kid: string;
  kem_pub: string;
  sig_pub: string;
  roles: string[];
}

interface Leaving {
  kid: string;
  name: string;
  reason: "disabled" | "no_grant" | "new_keys";
}

/** Signing is what every change of the membership needs. */
interface Signing {
  session: Session;
  keys: StaffKeys | undefined;
  team: Team;
  chain: Chain | null;
  renew(): void;
}

/** membersSection shows the membership and what waits to be signed. */
export async function membersSection(session: Session, keys: StaffKeys | undefined, team: Team, renew: () => void): Promise<HTMLElement> {
  const { chain: states } = await read<{ chain: SignedState[] }>("teams/" + team.id + "/chain");
  let chain: Chain | null = null;
  try {
    if (states.length > 0) chain = await accept(team.id, states);
  } catch (thrown) {
    return section(t("team.members.title"), [broken(thrown)]);
  }
  const signing: Signing = { session, keys, team, chain, renew };
  const found = await read<{ pending: Pending[]; leaving: Leaving[] }>("teams/" + team.id + "/pending");
  const pending = chain ? found.pending : [];
  const leaving = chain ? found.leaving : [];
  return section(t("team.members.title"), [
    chain ? await words(team, chain) : noChain(signing),
    mayNotSign(signing),
    pending.length > 0 ? waiting(signing, pending) : null,
    leaving.length > 0 ? leavers(signing, leaving) : null,
    chain ? members(signing, chain, leaving) : null,
  ]);
}

function broken(thrown: unknown): HTMLElement {
  const code = (thrown as { code?: string }).code ?? "internal";
  const title = known("team.stop." + code) ? t("team.stop." + code) : t("team.stop.verify");
  return alert("danger", title, [paragraph(t("team.stop.explain")), paragraph(t("team.stop.reason", { reason: code }), "kern-body--small")], true);
}

async function words(team: Team, chain: Chain): Promise<HTMLElement> {
  const list = h("ol", { class: "team-six" });
  for (const word of await sixWords(chain)) list.append(h("li", { lang: "de" }, word));
  return h(
    "div",
    { class: "team-fingerprint" },
    h("h3", { class: "kern-title" }, t("team.members.words", { team: team.name })),
    list,
    paragraph(t("team.members.words_explain"), "kern-body--small"),
    h("div", { class: "team-actions team-no-print" }, button(t("team.print"), () => window.print(), { small: true })),
  );
}

/** noChain is a team whose membership nobody has signed yet. */
function noChain(signing: Signing): HTMLElement {
  const begin = signer(signing) ? button(t("team.members.begin"), () => run(() => append(signing, (old) => old)), { weight: "primary" }) : null;
  return alert("info", t("team.members.no_chain"), [paragraph(t("team.members.no_chain_explain")), begin]);
}

/** signer tells whether the own key may sign the next state. */
function signer(signing: Signing): boolean {
  if (!signing.keys) return false;
  const me = signing.chain?.head.members.find((member) => member.kid === signing.keys?.kid);
  return signing.chain === null ? allows(signing.session, "admin", signing.team.id) || allows(signing.session, "supervisor", signing.team.id) : me?.signs === true;
}

function mayNotSign(signing: Signing): HTMLElement | null {
  if (signer(signing)) return null;
  return alert("info", t(signing.keys ? "team.members.not_signer" : "team.members.no_keys"));
}

function waiting(signing: Signing, pending: Pending[]): HTMLElement {
  const caption = t("team.members.pending");
  return table(caption, [
    { head: t("team.members.name"), cell: (row) => row.name },
    { head: t("team.members.roles"), cell: (row) => row.roles.map((role) => t("team.role." + role)).join(", ") },
    { head: t("team.members.key"), cell: (row) => h("span", { class: "team-words", dir: "ltr" }, shortKey(row.kid)) },
    { head: t("team.sessions.action"), cell: (row) => (signer(signing) ? button(t("team.members.confirm"), () => run(() => admit(signing, row)), { small: true, label: t("team.members.confirm_one", { name: row.name }) }) : null) },
  ], pending);
}

async function admit(signing: Signing, row: Pending): Promise<void> {
  const compared = checkbox(t("team.members.compared"), false);
  const leads = row.roles.some((role) => role === "supervisor" || role === "admin");
  const reads = checkbox(t("team.members.reads"), row.roles.includes("counsellor"));
  const signs = checkbox(t("team.members.signs"), leads);
  await openDialog({
    title: t("team.members.confirm_title", { name: row.name }),
    body: [
      paragraph(t("team.members.compare", { name: row.name })),
      h("p", { class: "team-code", dir: "ltr", translate: "no" }, shortKey(row.kid)),
      h("div", { class: "kern-fieldset__body" }, compared.root, reads.root, signs.root),
    ],
    confirm: t("team.members.sign"),
    cancel: t("team.cancel"),
    act: async () => {
      if (!compared.control.checked) throw new FormError("compare_first");
      const { kid, kem_pub, sig_pub, name } = row;
      await append(signing, (old) => [...old, { kid, kem_pub, sig_pub, name, reads: reads.control.checked, signs: signs.control.checked }]);
    },
  });
}

function leavers(signing: Signing, leaving: Leaving[]): HTMLElement {
  const names = h("ul", {});
  for (const row of leaving) names.append(h("li", {}, row.name + ": " + t("team.leaving." + row.reason)));
  const gone = new Set(leaving.map((row) => row.kid));
  const act = signer(signing) ? button(t("team.members.remove_all"), () => run(() => append(signing, (old) => old.filter((m) => !gone.has(m.kid))))) : null;
  return alert("warning", t("team.members.leaving"), [names, paragraph(t("team.members.leaving_explain")), act]);
}

function members(signing: Signing, chain: Chain, leaving: Leaving[]): HTMLElement {
  const gone = new Set(leaving.map((row) => row.kid));
  const caption = t("team.members.caption", { n: chain.head.members.length });
  return table(caption, [
    { head: t("team.members.name"), cell: (row: Member) => h("span", {}, row.name, gone.has(row.kid) ? badge(t("team.members.leaves"), "warning") : null) },
    { head: t("team.members.may"), cell: (row) => rights(row) },
    { head: t("team.members.key"), cell: (row) => h("span", { class: "team-words", dir: "ltr" }, shortKey(row.kid)) },
    { head: t("team.sessions.action"), cell: (row) => (signer(signing) && row.kid !== signing.keys?.kid ? removal(signing, row) : null) },
  ], chain.head.members);
}

function rights(member: Member): string {
  const words = [member.reads ? t("team.members.reads") : "", member.signs ? t("team.members.signs") : "", member.recovery ? t("team.reader.recovery") : ""];
  return words.filter(Boolean).join(", ");
}

function removal(signing: Signing, member: Member): HTMLButtonElement {
  const ask = (): Promise<boolean> =>
    openDialog({
      title: t("team.members.remove_title", { name: member.name }),
      body: [paragraph(t("team.members.remove_explain"))],
      confirm: t("team.members.remove_confirm"),
      cancel: t("team.cancel"),
      act: () => append(signing, (old) => old.filter((m) => m.kid !== member.kid)),
    });
  return button(t("team.remove"), () => run(ask), { small: true, label: t("team.members.remove_one", { name: member.name }) });
}

/** append signs the next state and gives it to the server. */
async function append(signing: Signing, change: (old: Member[]) => Member[]): Promise<void> {
  const { session, keys, team, chain } = signing;
  if (!keys) throw new FormError("no_keys");
  const before = chain ? [...chain.head.members] : [];
  const first = keys.member(session.name, { reads: allows(session, "counsellor", team.id), signs: true });
  const after = change(before.length === 0 ? [first] : before);
  const state = await keys.sign(newState(team.id, chain ?? undefined, unique(after)));
  const answer = await withStepUp(session, () => post("teams/" + team.id + "/chain", state));
  if (!answer) return;
  signing.renew();
  done(t("team.members.signed"));
}

/** unique keeps the last entry of each key. */
function unique(members: Member[]): Member[] {
  return [...new Map(members.map((member) => [member.kid, member])).values()];
}
