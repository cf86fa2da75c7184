/**
 * Calls to the server's JSON API. Errors come as problem+json and are thrown
 * as Problem; a network that is not there is the Problem "offline".
 */

/** A refusal: `code` is stable (locale key "error.<code>"), `fields` names what was wrong in the input. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly fields: Record<string, string> = {},
    /** Seconds after which another try makes sense, if the server said so. */
    readonly retry?: number,
    /** The whole problem document, for members of particular codes. */
    readonly body: Record<string, unknown> = {},
  ) {
    super(code);
    this.name = "Problem";
  }
}

export interface Call {
  method?: string;
  /** Sent as JSON. */
  body?: unknown;
  /** Bearer token of a seeker. It never travels in a URL. */
  token?: string;
  query?: Record<string, string | number | undefined>;
  signal?: AbortSignal;
}

/** Calls path and returns the decoded answer, undefined for 204. Throws Problem. */
export async function api<T>(path: string, call: Call = {}): Promise<T> {
  const response = await reach(path + search(call.query), init(call));
  if (!response.ok) throw await problem(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** The query string of the members that have a value. */
export function search(query: Call["query"] = {}): string {
  const used = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") used.set(key, String(value));
  }
  const text = used.toString();
  return text && "?" + text;
}

function init(call: Call): RequestInit {
  const headers: Record<string, string> = { Accept: "application/json, application/problem+json" };
  if (call.body !== undefined) headers["Content-Type"] = "application/json";
  if (call.token) headers.Authorization = "Bearer " + call.token;
  return {
    method: call.method ?? (call.body === undefined ? "GET" : "POST"),
    headers,
    body: call.body === undefined ? undefined : JSON.stringify(call.body),
    signal: call.signal,
    cache: "no-store",
    redirect: "error",
  };
}

async function reach(path: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(path, request);
  } catch (err) {
    if (request.signal?.aborted) throw err;
    throw new Problem("offline", 0);
  }
}

async function problem(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {};
  try {
    body = await response.json() as Record<string, unknown>;
  } catch {
    // An answer of a proxy, not of the server; the status says enough.
  }
  const code = typeof body.code === "string" ? body.code : "internal";
  const wait = Number(response.headers.get("Retry-After"));
  const fields = (body.fields ?? {}) as Record<string, string>;
  return new Problem(code, response.status, fields, wait > 0 ? wait : undefined, body);
}
