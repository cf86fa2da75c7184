/**
 * The way back with a return code. The code stays in the browser: a proof
 * derived from it fetches a token, a seed derived from it opens the texts.
 */
import { Problem } from "./api";
import { comeBack } from "./chat_api";
import { save } from "./chat_store";
import { one, say, show } from "./dom";
import { b64, parseCode, SealError, type Code } from "./seal/index";
import { failure, t } from "./texts";

const form = one<HTMLFormElement>("#return-form");
const field = one<HTMLInputElement>("#return-code");

/** Shows what is wrong and leads back to the field. */
function complain(text: string): void {
  say(one("#return-said"), "");
  say(one("#return-error"), text);
  one("#return-field").classList.toggle("kern-form-input--error", text !== "");
  if (text) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
  if (text) field.focus();
}

/** The code as typed, or a sentence about what is wrong with it. */
function read(): Code | string {
  try {
    return parseCode(field.value);
  } catch (err) {
    return t("chat.return." + (err instanceof SealError ? err.code : "code_length"));
  }
}

async function enter(): Promise<void> {
  const code = read();
  if (typeof code === "string") return complain(code);
  complain("");
  say(one("#return-said"), t("chat.return.opening"));
  try {
    const { token } = await comeBack(await code.returnAuth());
    save({ token, seed: b64(await code.returnSeed()), pins: {} });
    field.value = "";
    location.replace(form.dataset.chat ?? "");
  } catch (err) {
    if (!(err instanceof Problem)) throw err;
    const unknown = err.status === 401 || err.status === 404 || err.status === 410;
    complain(err.code === "offline" ? t("chat.return.offline") : unknown ? t("chat.return.unknown") : failure(err.code));
  }
}

form.addEventListener("submit", (e) => {
  e.preventDefault();
  void enter();
});
field.addEventListener("input", () => complain(""));
addEventListener("lotse:exit", () => { field.value = ""; });
show(form, true);
