import type { LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";

/** Why an address may not be connected to, undefined if it may. */
export type Refusal = (address: string) => string | undefined;

export type Resolve = (hostname: string) => Promise<LookupAddress[]>;

/** All addresses of the host are refused. */
export class AddressRefusedError extends Error {
  readonly code = "ERR_ADDRESS_REFUSED";
  constructor(hostname: string, why: string) {
    super(`${hostname} may not be fetched from: ${why}; allow it in BRIAREUS_FETCH_ALLOW if it is yours`);
    this.name = "AddressRefusedError";
  }
}

/**
 * A lookup for sockets that yields only addresses that are not refused. The socket connects to one of these and asks
 * no resolver again, so a name that changes its addresses between check and use gains nothing.
 */
export function guardedLookup(resolve: Resolve, refusalOf: Refusal): LookupFunction {
  return (hostname, options, callback) => {
    permittedAddresses(hostname, resolve, refusalOf).then(
      ([first, ...rest]) => {
        if (options.all) callback(null, [first, ...rest]);
        else callback(null, first.address, first.family);
      },
      (error) => callback(error, []),
    );
  };
}

async function permittedAddresses(
  hostname: string,
  resolve: Resolve,
  refusalOf: Refusal,
): Promise<[LookupAddress, ...LookupAddress[]]> {
  const permitted: LookupAddress[] = [];
  let refusal = "it has no address";
  for (const found of await resolve(hostname)) {
    const why = refusalOf(found.address);
    if (why === undefined) permitted.push(found);
    else refusal = why;
  }
  const [first, ...rest] = permitted;
  if (!first) throw new AddressRefusedError(hostname, refusal);
  return [first, ...rest];
}
