// Trust in team chains: each chain is verified from its first state, and the
// newest accepted state is remembered in this browser, so that a server cannot
// go back to an older one. What does not verify is a hard stop.
import { pageData } from "./team_data";
import { fingerprint, loadPin, savePin, verify, type Chain, type SignedState } from "./seal/index";

let words: Promise<string[]> | undefined;

/** wordList fetches the 2048 words once; they are a static file of this server. */
export function wordList(): Promise<string[]> {
  words ??= fetch(pageData("words", "")).then((answer) => answer.json() as Promise<string[]>);
  return words;
}

/** accept verifies a chain against the remembered state and remembers its newest. Throws SealError. */
export async function accept(team: string, states: SignedState[]): Promise<Chain> {
  const chain = await verify(team, states, (await loadPin(team)) ?? "");
  await savePin(team, chain.headHash);
  return chain;
}

/** sixWords is the fingerprint of a team: of its first state. */
export async function sixWords(chain: Chain): Promise<string[]> {
  return [...(await fingerprint(chain.genesis, await wordList()))];
}

/** shortKey is the beginning of a key id in groups, to compare by telephone: 48 bit. */
export function shortKey(kid: string): string {
  return kid.slice(0, 8).replace(/(.{4})(?=.)/g, "$1 ");
}
