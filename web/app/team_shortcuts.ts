// The shortcuts of the console and their list. Single letters can be switched
// off; F6, Tab, arrows, Enter and Escape always work.
import { h } from "./dom";
import { askEnd, askHandBack, askHandOver } from "./team_actions";
import type { Console } from "./team_console";
import { showDialog } from "./team_dialog";
import { checkbox, paragraph } from "./team_kern";
import type { Shortcut } from "./team_keyboard";
import { t } from "./texts";

/** shortcuts are the single letters of the console. */
export function shortcuts(console: Console): Shortcut[] {
  const { desk } = console;
  const onTalk = (act: (talk: NonNullable<Console["current"]>) => void) => () => {
    if (console.current?.mine) act(console.current);
  };
  const numbers = Array.from({ length: 9 }, (_, i) => ({ key: String(i + 1), text: "", run: () => console.number(i + 1) }));
  return [
    { key: "a", text: t("team.keys.accept"), run: () => console.answerOffer(true) },
    { key: "d", text: t("team.keys.decline"), run: () => console.answerOffer(false) },
    { key: "n", text: t("team.keys.next"), run: () => desk.take() },
    { key: "j", text: t("team.keys.down"), run: () => console.step(1) },
    { key: "k", text: t("team.keys.up"), run: () => console.step(-1) },
    { key: "r", text: t("team.keys.write"), run: () => console.compose() },
    { key: "p", text: t("team.keys.ready"), run: () => desk.ready(desk.status.state !== "ready") },
    { key: "u", text: t("team.keys.hand_over"), run: onTalk((talk) => askHandOver(desk, talk)) },
    { key: "z", text: t("team.keys.hand_back"), run: onTalk((talk) => askHandBack(desk, talk)) },
    { key: "e", text: t("team.keys.end"), run: onTalk((talk) => askEnd(desk, talk)) },
    { key: "?", text: t("team.keys.list"), run: () => void showShortcuts(console) },
    ...numbers,
  ];
}

/** showShortcuts shows the list and the switch. */
export function showShortcuts(console: Console): Promise<void> {
  const { keyboard } = console;
  const off = checkbox(t("team.keys.switch"), keyboard.on);
  off.control.addEventListener("change", () => (keyboard.on = off.control.checked));
  const rows: Array<[string, string]> = [
    ["F6", t("team.keys.region")],
    ["Enter", t("team.keys.send")],
    ["Shift + Enter", t("team.keys.line")],
    ["↑ ↓", t("team.keys.arrows")],
    ["1–9", t("team.keys.number")],
    ...shortcuts(console).filter((s) => s.text !== "").map((s): [string, string] => [s.key.toUpperCase(), s.text]),
  ];
  const list = h("dl", { class: "team-keys" });
  for (const [key, text] of rows) list.append(h("div", {}, h("dt", {}, h("kbd", { dir: "ltr" }, key)), h("dd", {}, text)));
  return showDialog(t("team.keys.title"), [paragraph(t("team.keys.explain")), list, off.root], t("team.close"));
}
