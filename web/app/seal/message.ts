// Messages: AES-256-GCM under a key per epoch and sender, padded to buckets,
// bound to room, epoch, sender, id, n and after. Twin of internal/seal/message.go.

import { isU32, lp, u32, unb64, utf8, type Bin } from "./bytes";
import { refuse } from "./errors";
import { aesKey, derive, gcmOpen, gcmSeal, NONCE_SIZE, TAG_SIZE } from "./suite";

/** SEEKER is the sender name of the seeker; staff send under their kid. */
export const SEEKER = "seeker";

const BUCKETS = [256, 512, 1024, 2048, 4096, 8192, 16384] as const;

/** MAX_PLAIN is the largest plaintext in bytes. */
export const MAX_PLAIN = 16383;

/**
 * Header is bound to a message. n counts this sender's messages in the room from
 * 1 without gap; after is the last server seq the sender had seen.
 */
export interface Header {
  sender: string;
  id: string;
  n: number;
  after: number;
}

/** RoomKey is the secret of one epoch. */
export class RoomKey {
  readonly room: string;
  readonly epoch: number;
  readonly secret: Bin;
  readonly #keys = new Map<string, Promise<CryptoKey>>();

  constructor(room: string, epoch: number, secret: Bin) {
    this.room = room;
    this.epoch = epoch;
    this.secret = secret;
  }

  /** seal pads and encrypts: nonce‖ciphertext‖tag. It refuses with too_long or bad_encoding. */
  async seal(h: Header, plain: Uint8Array): Promise<Bin> {
    checkHeader(h);
    return gcmSeal(await this.#key(h.sender), pad(plain), this.#aad(h));
  }

  /** open decrypts under exactly this header. It refuses with bad_tag, bad_padding or bad_encoding. */
  async open(h: Header, body: Bin): Promise<Bin> {
    checkHeader(h);
    if (!validBody(body.length)) refuse("bad_encoding");
    return unpad(await gcmOpen(await this.#key(h.sender), body, this.#aad(h)));
  }

  #key(sender: string): Promise<CryptoKey> {
    const known = this.#keys.get(sender) ?? derive(this.secret, "bek1 msg " + sender).then(aesKey);
    this.#keys.set(sender, known);
    return known;
  }

  #aad(h: Header): Bin {
    return lp("bek1/msg", unb64(this.room), u32(this.epoch), h.sender, h.id, u32(h.n), u32(h.after));
  }
}

function checkHeader(h: Header): void {
  const name = (s: unknown): boolean => typeof s === "string" && s !== "" && utf8(s).length <= 64;
  if (!name(h.sender) || !name(h.id) || !isU32(h.n) || h.n === 0 || !isU32(h.after)) refuse("bad_encoding");
}

/** validBody tells whether a sealed body has one of the bucket lengths. */
export function validBody(length: number): boolean {
  return BUCKETS.some((b) => b === length - NONCE_SIZE - TAG_SIZE);
}

/** pad is ISO/IEC 7816-4: 0x80, then zeros up to the smallest bucket that fits. */
export function pad(plain: Uint8Array): Bin {
  const size = BUCKETS.find((b) => plain.length < b) ?? refuse("too_long");
  const out = new Uint8Array(size);
  out.set(plain);
  out[plain.length] = 0x80;
  return out;
}

/** unpad also insists on the smallest bucket. */
export function unpad(padded: Bin): Bin {
  let end = padded.length - 1;
  while (end >= 0 && padded[end] === 0) end--;
  if (end < 0 || padded[end] !== 0x80) refuse("bad_padding");
  if (BUCKETS.find((b) => end < b) !== padded.length) refuse("bad_padding");
  return padded.slice(0, end);
}
