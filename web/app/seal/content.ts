// What stands inside a sealed message: one JSON object.

import { utf8 } from "./bytes";
import { refuse } from "./errors";

/** Content of a message: plain text without kind, otherwise what the kind says. */
export interface Content {
  kind?: string;
  text?: string;
  [field: string]: unknown;
}

/** encodeContent gives the bytes to seal. */
export function encodeContent(content: Content): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify(content));
}

/** decodeContent reads opened bytes; bad_encoding when they are no JSON object with text fields as declared. */
export function decodeContent(plain: Uint8Array): Content {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain));
  } catch {
    refuse("bad_encoding");
  }
  if (!isContent(value)) refuse("bad_encoding");
  return value;
}

function isContent(value: unknown): value is Content {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { kind, text } = value as Record<string, unknown>;
  return (kind === undefined || typeof kind === "string") && (text === undefined || typeof text === "string");
}
