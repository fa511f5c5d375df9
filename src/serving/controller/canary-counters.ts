import { sumOf } from "../figures/triton-counters.ts";
import { ports } from "../render/manifest.ts";
import type { Counters } from "../resource/model-server-status.ts";
import type { Children } from "./children.ts";
import { readyAddresses } from "./ready-addresses.ts";

const scrapeLimitMs = 3_000;

/** What the ready servers of a version have counted, all together; undefined where one of them does not answer. */
export async function countersOf(children: Children, revision: string): Promise<Counters | undefined> {
  const addresses = readyAddresses(children, revision);
  if (addresses.length === 0) return undefined;
  const all = await Promise.all(addresses.map((address) => scrape(address).catch(() => undefined)));
  const known = all.filter((each) => each !== undefined);
  return known.length < all.length ? undefined : known.reduce(added);
}

async function scrape(host: string): Promise<Counters> {
  const limit = AbortSignal.timeout(scrapeLimitMs);
  const response = await fetch(`http://${host}:${ports.metrics}/metrics`, { signal: limit });
  if (!response.ok) throw new Error(`${host} answers ${response.status}`);
  return readCounters(await response.text());
}

/** Reads Triton's metrics: requests of all models, failed ones and not, and the time they took. */
export function readCounters(text: string): Counters {
  const failures = sumOf(text, "nv_inference_request_failure");
  return {
    requests: sumOf(text, "nv_inference_request_success") + failures,
    failures,
    microseconds: sumOf(text, "nv_inference_request_duration_us"),
  };
}

const added = (a: Counters, b: Counters): Counters => ({
  requests: a.requests + b.requests,
  failures: a.failures + b.failures,
  microseconds: a.microseconds + b.microseconds,
});
