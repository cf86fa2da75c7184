// HPKE (RFC 9180) in base mode, single shot, for suite 1 alone. The KEM and the
// labelled KDF are those of the vendored library; the key schedule of § 5.1 is
// written out here, because the library's general one doubles the bundle.

import { KDF_HKDF_SHA256, KEM_DHKEM_P256_HKDF_SHA256, LabeledExpand, LabeledExtract, type KEM } from "../vendor/hpke/index.js";
import { concat, utf8, type Bin } from "./bytes";

/** kem is DHKEM(P-256, HKDF-SHA256). */
export const kem = (): KEM<CryptoKey> => KEM_DHKEM_P256_HKDF_SHA256();

/** SUITE_ID is "HPKE" ‖ KEM 0x0010 ‖ KDF 0x0001 ‖ AEAD 0x0002. */
const suiteId = (): Bin => concat(utf8("HPKE"), Uint8Array.of(0, 0x10, 0, 1, 0, 2));

/** Pair is a recipient's key pair; the private key need not be extractable. */
export interface Pair {
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
}

async function schedule(secret: Uint8Array, info: Bin): Promise<{ key: CryptoKey; iv: Bin }> {
  const kdf = KDF_HKDF_SHA256();
  const none = new Uint8Array();
  const extract = (salt: Uint8Array, label: string, ikm: Uint8Array): Promise<Uint8Array> =>
    LabeledExtract(kdf, suiteId(), salt, utf8(label), ikm);
  const context = concat(
    Uint8Array.of(0), // mode_base
    await extract(none, "psk_id_hash", none),
    await extract(none, "info_hash", info),
  );
  const prk = await extract(secret, "secret", none);
  const expand = async (label: string, size: number): Promise<Bin> =>
    new Uint8Array(await LabeledExpand(kdf, suiteId(), prk, utf8(label), context, size));
  const key = await crypto.subtle.importKey("raw", await expand("key", 32), "AES-GCM", false, ["encrypt", "decrypt"]);
  return { key, iv: await expand("base_nonce", 12) }; // sequence number 0
}

/** sealBase encrypts to a public key. */
export async function sealBase(to: CryptoKey, info: Bin, aad: Bin, text: Bin): Promise<{ enc: Bin; ct: Bin }> {
  const { shared_secret, enc } = await kem().Encap(to);
  const { key, iv } = await schedule(shared_secret, info);
  const ct = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: aad }, key, text);
  return { enc: new Uint8Array(enc), ct: new Uint8Array(ct) };
}

/** openBase decrypts; it rejects whatever is wrong. */
export async function openBase(pair: Pair, info: Bin, enc: Bin, aad: Bin, ct: Bin): Promise<Bin> {
  const { key, iv } = await schedule(await kem().Decap(enc, pair.privateKey, pair.publicKey), info);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: aad }, key, ct));
}
