// Codes to write down: recovery code of staff, return code of a seeker.
// 26 random symbols of Crockford's base 32 (130 bit) and a check symbol.
// Twin of internal/seal/code.go.

import { b64, random, utf8, type Bin } from "./bytes";
import { refuse } from "./errors";
import { derive } from "./suite";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 26;

/** newCode makes a random code. */
export function newCode(): Code {
  return new Code(Array.from(random(LENGTH), (b) => ALPHABET.charAt(b & 31)).join(""));
}

/**
 * parseCode reads a code as people type it: any case, O for 0, I and L for 1,
 * spaces and dashes anywhere. It refuses with code_symbol, code_length or code_check.
 */
export function parseCode(typed: string): Code {
  const symbols = typed
    .replace(/[ \-\u00a0\u2010-\u2014\t\r\n]/g, "")
    .replace(/[a-z]/g, (c) => c.toUpperCase())
    .replaceAll("O", "0")
    .replace(/[IL]/g, "1");
  if ([...symbols].some((c) => !ALPHABET.includes(c))) refuse("code_symbol");
  if (symbols.length !== LENGTH + 1) refuse("code_length");
  const code = new Code(symbols.slice(0, LENGTH));
  return code.check === symbols.charAt(LENGTH) ? code : refuse("code_check");
}

export class Code {
  readonly #symbols: string;

  constructor(symbols: string) {
    this.#symbols = symbols;
  }

  /** check is ISO 7064's hybrid scheme with M = 32. */
  get check(): string {
    let p = 32;
    for (const c of this.#symbols) p = (((p + ALPHABET.indexOf(c)) % 32 || 32) * 2) % 33;
    return ALPHABET.charAt((33 - p) % 32);
  }

  /** text is the form to show and to write down. */
  get text(): string {
    const s = this.#symbols;
    return [s.slice(0, 5), s.slice(5, 10), s.slice(10, 15), s.slice(15, 20), s.slice(20), this.check].join("-");
  }

  /** recoveryAuth is sent (base64url) to prove a recovery code. */
  recoveryAuth(): Promise<string> {
    return this.#derive("bek1 auth recovery").then(b64);
  }

  /** recoveryKek unlocks a key file. */
  recoveryKek(): Promise<Bin> {
    return this.#derive("bek1 kek recovery");
  }

  /** returnAuth is sent (base64url) by a returning seeker. */
  returnAuth(): Promise<string> {
    return this.#derive("bek1 return auth").then(b64);
  }

  /** returnSeed gives the seeker's key pair by seekerKey. */
  returnSeed(): Promise<Bin> {
    return this.#derive("bek1 return seed");
  }

  #derive(label: string): Promise<Bin> {
    return derive(utf8(this.#symbols), label);
  }
}
