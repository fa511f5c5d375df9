/**
 * One way to the server. It adds the CSRF token, turns problem+json into RequestError, and when the session has ended
 * waits until the person has signed in again, then sends the same request once more with the same Idempotency-Key.
 */
import { signal } from "@preact/signals";
import type { Problem } from "../../review/contract/problem.ts";
import { apiText } from "../strings/api.en.ts";
import { RequestError } from "./request-error.ts";

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  query?: Record<string, string | number | boolean | readonly string[] | null | undefined>;
  /** Made at the key press; the same on every retry. */
  idempotencyKey?: string;
  signal?: AbortSignal;
  /** The request goes on when the page is closed; for small bodies. */
  keepalive?: boolean;
  /** false: a 401 is an answer like others; the first look whether somebody is signed in. */
  waitForSignIn?: boolean;
}

const timeoutMs = 20_000;

export const csrfToken = signal("");

/** Who waits for a new session: the sign-in dialog shows while this is set, and calls `resume` or `giveUp`. */
export const signInNeeded = signal<{ resume: () => void; giveUp: () => void } | null>(null);

/** When a request was last answered, and since when none has been; on this machine's clock. */
export const answers = signal<{ answeredAtMs: number; failingSinceMs: number | null }>({
  answeredAtMs: 0,
  failingSinceMs: null,
});

/** Sends a request and gives back the body of its answer as the contract says; undefined for an empty one. Throws RequestError. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options);
  if (response.status === 204) return undefined as T;
  if (!response.headers.get("content-type")?.includes("json")) throw new RequestError("unreadable", apiText.unreadable);
  return response.json();
}

/** The bytes of a picture. Throws RequestError. */
export async function requestBlob(path: string, options: RequestOptions = {}): Promise<Blob> {
  return (await send(path, options)).blob();
}

async function send(path: string, options: RequestOptions): Promise<Response> {
  for (;;) {
    const response = await attempt(path, options);
    if (response.ok) return response;
    if (response.status !== 401 || options.waitForSignIn === false) throw await refusal(response);
    await newSession();
  }
}

async function attempt(path: string, options: RequestOptions): Promise<Response> {
  const { method = "GET", body, query, idempotencyKey, keepalive = false, signal: outer } = options;
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-csrf-token"] = csrfToken.value;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (idempotencyKey) headers["idempotency-key"] = idempotencyKey;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(addressOf(path, query), {
      method,
      headers,
      credentials: "same-origin",
      keepalive,
      body: body === undefined ? null : JSON.stringify(body),
      signal: outer ? AbortSignal.any([outer, timeout]) : timeout,
    });
    noteReached();
    return response;
  } catch (error) {
    if (outer?.aborted) throw error;
    noteUnreachable();
    throw new RequestError("offline", apiText.offline);
  }
}

/** The server has answered. */
export function noteReached(): void {
  answers.value = { answeredAtMs: Date.now(), failingSinceMs: null };
}

/** No answer came, or the machine has no network. */
export function noteUnreachable(): void {
  const { answeredAtMs, failingSinceMs } = answers.peek();
  answers.value = { answeredAtMs, failingSinceMs: failingSinceMs ?? Date.now() };
}

/** The path with its query; lists become repeated parameters, null and undefined are left out. */
export function addressOf(path: string, query: RequestOptions["query"] = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) parameters.append(name, String(one));
  }
  const text = parameters.toString();
  return text ? `${path}?${text}` : path;
}

async function refusal(response: Response): Promise<RequestError> {
  if (!response.headers.get("content-type")?.includes("json"))
    return new RequestError(response.status >= 500 ? "unavailable" : "unreadable", apiText.unreadable);
  const problem: Problem = await response.json();
  return new RequestError(problem.code ?? "unreadable", problem.detail ?? problem.title ?? apiText.unreadable, problem);
}

let waiting: Promise<void> | null = null;

function newSession(): Promise<void> {
  waiting ??= new Promise<void>((resolve, reject) => {
    signInNeeded.value = {
      resume: resolve,
      giveUp: () => reject(new RequestError("not-signed-in", apiText.signedOut)),
    };
  }).finally(() => {
    waiting = null;
    signInNeeded.value = null;
  });
  return waiting;
}
