// Six words for the genesis of a team chain. The list is passed in, so that
// pages which show no fingerprint do not carry it.

import { unb64, utf8 } from "./bytes";
import { refuse } from "./errors";
import { stretch } from "./password";

/** fingerprint gives six words of the 2,048-word list for a genesis hash. */
export async function fingerprint(genesis: string, words: readonly string[]): Promise<string[]> {
  if (words.length !== 2048) refuse("bad_encoding");
  const bits = await stretch(unb64(genesis, 32), utf8("bek1 words"), 65536, 16);
  const view = new DataView(bits.buffer);
  return [0, 1, 2, 3, 4, 5].map((i) => {
    const at = i * 11;
    return words[(view.getUint32(at >> 3) >>> (21 - (at % 8))) & 2047] ?? refuse("bad_encoding");
  });
}
