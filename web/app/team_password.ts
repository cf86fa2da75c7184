// Choosing a password: long enough, not guessable from the account, typed
// twice. The server never sees it, so all rules are applied here.
import type { Child } from "./dom";
import { FormError } from "./team_form";
import { textField, type Field } from "./team_kern";
import { t } from "./texts";
import common from "./vendor/passwords/common.json";

/** The least number of characters. */
const LEAST = 12;
/** The least number of different characters, against "aaaaaaaaaaaa". */
const DIFFERENT = 5;

/** NewPasswordFields are two inputs; value() throws FormError until both are good. */
export interface NewPasswordFields {
  fields: ReadonlyArray<Field<HTMLInputElement>>;
  body: Child[];
  value(): string;
}

/** newPasswordFields makes the inputs; words are what the password must not be made of, such as the e-mail address. */
export function newPasswordFields(words: () => string[]): NewPasswordFields {
  const first = textField(t("team.password.new"), { type: "password", autocomplete: "new-password", maxlength: 256 }, t("team.password.rule"));
  const second = textField(t("team.password.repeat"), { type: "password", autocomplete: "new-password", maxlength: 256 });
  return {
    fields: [first, second],
    body: [first.root, second.root],
    value() {
      const chosen = first.control.value;
      const fault = weakness(chosen, words());
      if (fault) throw new FormError(fault, first);
      if (second.control.value !== chosen) throw new FormError("password_differs", second);
      return chosen;
    },
  };
}

const MOST_USED = new Set(common);

/** One of the most used passwords (ASVS 6.2.4), also twice, or with figures and signs around it. */
function mostUsed(plain: string): boolean {
  const core = plain.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  return [plain, core].some((word) => MOST_USED.has(word) || MOST_USED.has(word.slice(0, word.length / 2)) && word.slice(0, word.length / 2).repeat(2) === word);
}

/** weakness names what is wrong with a password, or gives null. */
export function weakness(chosen: string, words: string[]): string | null {
  if ([...chosen].length < LEAST) return "password_short";
  if (new Set(chosen).size < DIFFERENT) return "password_simple";
  const plain = chosen.toLowerCase();
  if (mostUsed(plain)) return "password_obvious";
  const obvious = words.flatMap((word) => word.toLowerCase().split(/[\s@.]+/)).filter((word) => word.length >= 4);
  let rest = plain;
  for (const word of [...obvious, "passwort", "password", "beratung", "1234567890", "qwertz", "qwerty"]) rest = rest.replaceAll(word, "");
  return new Set(rest).size < DIFFERENT ? "password_obvious" : null;
}
