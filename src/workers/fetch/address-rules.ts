/**
 * Which hosts and addresses images may be downloaded from. Publishers write the URIs, so without these rules anyone
 * who can publish a capture could make a worker read from the network it stands in (server-side request forgery).
 */
import ipaddr from "ipaddr.js";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = [Address, number];

export interface AddressRules {
  /** Trusted by name: `host` or `host:port`, as URLs spell them. */
  hosts: ReadonlySet<string>;
  ranges: readonly Range[];
}

/**
 * @param allow what may be fetched from though it is private: `host`, `host:port`, an address, or a range such as
 *   `10.0.0.0/8`
 * @throws RangeError naming the entry that is none of these
 */
export function parseAddressRules(allow: readonly string[]): AddressRules {
  const hosts = new Set<string>();
  const ranges: Range[] = [];
  for (const entry of allow) {
    const range = rangeOf(entry);
    if (range) ranges.push(range);
    else hosts.add(hostOf(entry));
  }
  return { hosts, ranges };
}

/** Whether the URL's host is trusted by name, so that its addresses need not be looked at. */
export function isTrustedHost(rules: AddressRules, url: URL): boolean {
  const name = hostName(url);
  return rules.hosts.has(name) || rules.hosts.has(`${name}:${url.port || defaultPorts[url.protocol]}`);
}

/**
 * Why nothing may be fetched from the URL's host, undefined if all is well as far as its name tells: a name's
 * addresses are known only when it is resolved. A URL has its IPv4 addresses in the usual notation already, whatever
 * notation (decimal, octal, hexadecimal) they were written in.
 */
export function refusalOfHost(rules: AddressRules, url: URL): string | undefined {
  const name = hostName(url);
  if (metadataNames.has(name)) return `${name} is a cloud's metadata service`;
  const literal = name.startsWith("[") ? name.slice(1, -1) : name;
  return ipaddr.isValid(literal) ? refusalOfAddress(rules, literal) : undefined;
}

/** Why nothing may be fetched from the address, undefined if it is public or allowed. */
export function refusalOfAddress(rules: AddressRules, text: string): string | undefined {
  if (!ipaddr.isValid(text)) return `${text} is no address`;
  // IPv4-mapped IPv6 addresses are judged as the IPv4 addresses that they reach.
  const address = ipaddr.process(text);
  const kind = kindOf(address);
  if (kind === "public") return undefined;
  const allowed = rules.ranges.some(
    ([network, bits]) =>
      network.kind() === address.kind() &&
      address.match(network, bits) &&
      // A range is too easily written too wide to open what hands out the machine's credentials.
      (kind !== "metadata" || bits === (address.kind() === "ipv4" ? 32 : 128)),
  );
  return allowed ? undefined : `${text} is a ${kind} address`;
}

const defaultPorts: Record<string, string> = { "http:": "80", "https:": "443" };

const metadataNames = new Set(["metadata.google.internal", "metadata.goog", "metadata"]);

/** AWS, Azure and Google; Google and AWS on IPv6; Azure's host agent, which has a public address; Alibaba; Oracle. */
const metadataAddresses = new Set(
  ["169.254.169.254", "fd00:ec2::254", "fd20:ce::254", "168.63.129.16", "100.100.100.200", "192.0.0.192"].map(
    (address) => ipaddr.parse(address).toString(),
  ),
);

/** All that is not given out for the public Internet is refused, also what has no use yet. */
function kindOf(address: Address): string {
  if (metadataAddresses.has(address.toString())) return "metadata";
  const kind = address.range();
  if (kind !== "unicast") return kind;
  if (address.kind() === "ipv6" && !address.match(globalUnicast, 3)) return "reserved";
  return "public";
}

/** RFC 4291, section 2.4 and IANA's registry: 2000::/3. */
const globalUnicast = ipaddr.parse("2000::");

/** Without brackets being taken off, and without the dot that may end a full name. */
function hostName(url: URL): string {
  return url.hostname.replace(/\.$/, "");
}

function rangeOf(entry: string): Range | undefined {
  const bare = entry.replace(/^\[(.*)\]$/, "$1");
  if (ipaddr.isValidCIDR(bare)) return ipaddr.parseCIDR(bare);
  if (!ipaddr.IPv4.isValidFourPartDecimal(bare) && !ipaddr.IPv6.isValid(bare)) return undefined;
  const address = ipaddr.process(bare);
  return [address, address.kind() === "ipv4" ? 32 : 128];
}

function hostOf(entry: string): string {
  const [, name = "", port = ""] = /^(\[[^\]]+\]|[^:/\s]+)(:\d+)?$/.exec(entry) ?? [];
  const url = URL.parse(`http://${name}`);
  if (!url || name === "")
    throw new RangeError(
      `${JSON.stringify(entry)} is no host that could be allowed: write host, host:port, an address or a range such as 10.0.0.0/8`,
    );
  return hostName(url) + port;
}
