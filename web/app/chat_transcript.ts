/** The conversation as a plain text file, made on the device. */
import type { Line } from "./chat_seat";
import { clock, t } from "./texts";

/** The text of the file: who, when, what; what is missing is named. */
export function transcript(lines: readonly Line[], date: string): string {
  const body = lines.flatMap((line) => entry(line));
  return "\ufeff" + [date, "", ...body].join("\r\n") + "\r\n";
}

function entry(line: Line): string[] {
  const when = clock(line.at);
  if (line.kind !== "message") return [`[${when}] ${fault(line)}`, ""];
  if (line.content?.text === undefined || line.content.kind === "name") return [];
  const who = line.mine ? t("chat.app.me") : line.name || t("chat.app.team");
  return [`[${when}] ${who}:`, line.content.text.replace(/\r?\n/g, "\r\n"), ""];
}

/** What stands in the place of something that cannot be shown. */
export function fault(line: Pick<Line, "kind" | "count">): string {
  return line.kind === "missing" ? t("chat.app.missing", { n: line.count }) : t("chat.app." + line.kind);
}

/** Hands the file to the browser. The name says nothing about counselling. */
export function download(text: string, day: Date): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `text-${day.toISOString().slice(0, 10)}.txt`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
