// Byte encodings: strict base64url, UTF-8 and lp, the one canonical encoding.

import { refuse } from "./errors";

/** Bin is plain binary data. */
export type Bin = Uint8Array<ArrayBuffer>;

/** utf8 encodes text. */
export function utf8(text: string): Bin {
  return new TextEncoder().encode(text);
}

/** random makes n secret random bytes. */
export function random(n: number): Bin {
  return crypto.getRandomValues(new Uint8Array(n));
}

/** b64 writes base64url without padding. */
export function b64(data: Uint8Array): string {
  let text = "";
  for (let i = 0; i < data.length; i += 4096) text += String.fromCharCode(...data.subarray(i, i + 4096));
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** unb64 reads strict base64url, of exactly size bytes when given; bad_encoding otherwise. */
export function unb64(text: unknown, size?: number): Bin {
  if (typeof text !== "string" || !/^[\w-]*$/.test(text) || text.length % 4 === 1) refuse("bad_encoding");
  const data = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  if (b64(data) !== text || (size !== undefined && data.length !== size)) refuse("bad_encoding");
  return data;
}

/** concat joins byte strings. */
export function concat(...parts: Uint8Array[]): Bin {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** u32 is big-endian. */
export function u32(n: number): Bin {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, n);
  return out;
}

/** lp writes each field (text as UTF-8) as u32be length and bytes. */
export function lp(...fields: (Uint8Array | string)[]): Bin {
  const bins = fields.map((f) => (typeof f === "string" ? utf8(f) : f));
  return concat(...bins.flatMap((f) => [u32(f.length), f]));
}

/** same compares byte strings in constant time for equal lengths. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  let diff = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) diff |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return diff === 0;
}

/** before orders byte strings; ids of one length sort by it. */
export function before(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const d = (a[i] ?? 0) - (b[i] ?? 0);
    if (d !== 0) return d < 0;
  }
  return a.length < b.length;
}

/** byKid sorts objects that carry a kid in the order of its bytes. */
export function byKid<T extends { kid: string }>(list: readonly T[]): T[] {
  return [...list].sort((a, b) => (before(unb64(a.kid, 16), unb64(b.kid, 16)) ? -1 : 1));
}

/** isU32 tells whether a JSON value is an unsigned 32-bit number. */
export function isU32(n: unknown): n is number {
  return typeof n === "number" && Number.isInteger(n) && n >= 0 && n <= 0xffffffff;
}

/** shape refuses anything but an object with exactly these keys. */
export function shape(value: unknown, required: string, optional = ""): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse("bad_encoding");
  const must = required.split(" ");
  const may = new Set([...must, ...optional.split(" ")]);
  if (!must.every((k) => k in value) || !Object.keys(value).every((k) => may.has(k))) refuse("bad_encoding");
}
