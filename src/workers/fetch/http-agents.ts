import { lookup } from "node:dns/promises";
import type { LookupFunction } from "node:net";
import { Agent, type Dispatcher } from "undici";
import { type AddressRules, isTrustedHost, refusalOfAddress, refusalOfHost } from "./address-rules.ts";
import { AddressRefusedError, guardedLookup, type Resolve } from "./guarded-lookup.ts";

export interface ConnectionLimits {
  connectTimeoutMs: number;
  connectionsPerHost: number;
}

export interface HttpAgents {
  /** The one for hosts of our own configuration. */
  trusted(): Dispatcher;
  /**
   * The one to download this URL with.
   * @throws AddressRefusedError when its host is refused by name or is a refused address
   */
  for(url: URL): Dispatcher;
  /** Changes the limits for downloads that begin from now on. */
  change(limits: ConnectionLimits): void;
}

/**
 * Connections that are kept alive.
 * @param options.resolve the system's resolver unless a test brings its own
 */
export function createHttpAgents(options: {
  rules: AddressRules;
  limits: ConnectionLimits;
  resolve?: Resolve;
}): HttpAgents {
  const { rules } = options;
  const resolve: Resolve = options.resolve ?? ((hostname) => lookup(hostname, { all: true }));
  const open = (limits: ConnectionLimits) => ({
    guarded: openAgent(
      guardedLookup(resolve, (address) => refusalOfAddress(rules, address)),
      limits,
    ),
    trusted: openAgent(
      guardedLookup(resolve, () => undefined),
      limits,
    ),
    limits,
  });
  let agents = open(options.limits);
  return {
    trusted: () => agents.trusted,
    for(url) {
      if (isTrustedHost(rules, url)) return agents.trusted;
      const refusal = refusalOfHost(rules, url);
      if (refusal !== undefined) throw new AddressRefusedError(url.hostname, refusal);
      return agents.guarded;
    },
    change(limits) {
      const { connectTimeoutMs, connectionsPerHost } = agents.limits;
      if (limits.connectTimeoutMs === connectTimeoutMs && limits.connectionsPerHost === connectionsPerHost) return;
      // The former ones' downloads go on; their connections end by themselves when they have been idle for a while.
      agents = open(limits);
    },
  };
}

function openAgent(lookup: LookupFunction, { connectTimeoutMs, connectionsPerHost }: ConnectionLimits): Agent {
  return new Agent({
    connect: { lookup, timeout: connectTimeoutMs },
    connections: connectionsPerHost,
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: 15_000,
    // The download's own limit is the only clock.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
}
