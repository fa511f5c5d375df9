import { errors } from "undici";
import type { Retry } from "../../pipeline/stage.ts";
import { later, type Refused, refused } from "./fetch-outcome.ts";
import { AddressRefusedError } from "./guarded-lookup.ts";

/** What a download that broke off before it was whole means for its capture. */
export function classifyFailure(error: unknown): Retry | Refused {
  const failure = innermost(error);
  if (failure instanceof AddressRefusedError) return refused("address-refused", failure.message);
  if (failure instanceof errors.HeadersOverflowError)
    return refused("bad-response", "the host answered with too many headers");
  const code = failure instanceof Error && "code" in failure ? String(failure.code) : "";
  const detail = failure instanceof Error ? failure.message : String(failure);
  if (timeouts.has(code)) return later("host-timeout", detail);
  if (failure instanceof errors.HTTPParserError) return later("host-error", `the host does not speak HTTP: ${detail}`);
  return later("host-unreachable", detail);
}

const timeouts = new Set(["ETIMEDOUT", "UND_ERR_CONNECT_TIMEOUT", "UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"]);

/** Of several addresses tried, the last one's error; of a wrapped one, its cause. */
function innermost(error: unknown): unknown {
  if (error instanceof AggregateError && error.errors.length > 0) return innermost(error.errors.at(-1));
  if (error instanceof errors.ConnectTimeoutError) return error;
  return error instanceof Error && error.cause instanceof Error ? innermost(error.cause) : error;
}
