import type { IncomingHttpHeaders } from "node:http";
import type { Retry } from "../../pipeline/stage.ts";
import { later, type Refused, refused } from "./fetch-outcome.ts";
import { retryAfterMs } from "./retry-after.ts";

/** A host may not put a capture off for longer than this. */
const longestRetryAfterMs = 60_000;

export interface Redirect {
  kind: "redirect";
  location: string;
}

/** What status and headers tell, before any of the body is read; `body`: go on and read it. */
export function classifyResponse(
  status: number,
  headers: IncomingHttpHeaders,
  options: { maxBytes: number; nowMs: number },
): { kind: "body"; length: number | undefined } | Redirect | Refused | Retry {
  if (status === 200 || status === 203) return classifyBody(headers, options.maxBytes);
  if (status === 204) return refused("image-empty", "the host answered 204, no content");
  if ([301, 302, 303, 307, 308].includes(status) && headers.location)
    return { kind: "redirect", location: headers.location };
  if (status === 404 || status === 410) return refused("not-found", `the host answered ${status}`);
  if (status === 401 || status === 403) return refused("forbidden", `the host answered ${status}`);
  const afterMs = retryAfterMs(headers["retry-after"], options.nowMs, longestRetryAfterMs);
  if (status === 429) return later("rate-limited", "the host answered 429", afterMs);
  if (status === 408) return later("host-timeout", "the host answered 408", afterMs);
  if (status >= 500) return later("host-error", `the host answered ${status}`, afterMs);
  return refused("bad-response", `the host answered ${status}`);
}

function classifyBody(headers: IncomingHttpHeaders, maxBytes: number) {
  const type = headers["content-type"];
  if (type && /^\s*text\/html\b/i.test(type)) return refused("wrong-type", "the host answered with a page (text/html)");
  const encoding = headers["content-encoding"];
  // Asked for as it is. What came compressed all the same would have to be unpacked to unknown size.
  if (encoding && !/^\s*identity\s*$/i.test(encoding))
    return refused("wrong-type", `the host sent the image compressed (${encoding}), which was not asked for`);
  const length = lengthOf(headers["content-length"]);
  if (length === 0) return refused("image-empty", "the image has no bytes");
  if (length !== undefined && length > maxBytes) return tooLarge(maxBytes, `it has ${length}`);
  return { kind: "body" as const, length };
}

export function tooLarge(maxBytes: number, found: string): Refused {
  return refused("image-too-large", `the image may have ${maxBytes} bytes: ${found}`);
}

function lengthOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}
