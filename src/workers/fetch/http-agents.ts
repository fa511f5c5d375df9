import { lookup } from "node:dns/promises";
import { Agent, type Dispatcher } from "undici";
import { type AddressRules, isTrustedHost, refusalOfAddress, refusalOfHost } from "./address-rules.ts";
import { AddressRefusedError, guardedLookup, type Refusal, type Resolve } from "./guarded-lookup.ts";

export interface HttpAgents {
  /** For hosts of our own configuration. */
  trusted: Dispatcher;
  /**
   * The one to download this URL with.
   * @throws AddressRefusedError when its host is refused by name or is a refused address
   */
  for(url: URL): Dispatcher;
}

/**
 * Connections that are kept alive, as many per host as are downloaded from it at a time.
 * @param options.resolve the system's resolver unless a test brings its own
 */
export function createHttpAgents(options: {
  rules: AddressRules;
  connectTimeoutMs: number;
  resolve?: Resolve;
}): HttpAgents {
  const { rules, connectTimeoutMs } = options;
  const resolve: Resolve = options.resolve ?? ((hostname) => lookup(hostname, { all: true }));
  const agent = (refusalOf: Refusal) =>
    new Agent({
      connect: { lookup: guardedLookup(resolve, refusalOf), timeout: connectTimeoutMs },
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: 15_000,
      // The download's own limit is the only clock.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  const guarded = agent((address) => refusalOfAddress(rules, address));
  const trusted = agent(() => undefined);
  return {
    trusted,
    for(url) {
      if (isTrustedHost(rules, url)) return trusted;
      const refusal = refusalOfHost(rules, url);
      if (refusal !== undefined) throw new AddressRefusedError(url.hostname, refusal);
      return guarded;
    },
  };
}
