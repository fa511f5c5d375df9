/**
 * One click instead of a password, for a person at the machine that Briareus runs on, where no sign-in service is
 * set up. Anybody who can reach this must be sitting there: the server listens on loopback only, the request came over
 * loopback and through no proxy, and its Host is a loopback name. Without the last a page from the internet could have
 * its own name point to 127.0.0.1 (DNS rebinding) and sign itself in.
 */
import ipaddr from "ipaddr.js";

export interface LocalRequest {
  /** Address of the connection's other end. */
  peer: string | undefined;
  /** The Host header. */
  host: string | undefined;
  /** Whether a proxy has added its headers. */
  forwarded: boolean;
}

/** Whether this server may offer it at all. */
export function offersLocalSignIn(server: { host: string; oidc: boolean }): boolean {
  return !server.oidc && isLoopbackName(server.host);
}

/** Whether it may be offered to whoever sent this request. */
export function comesFromThisMachine({ peer, host, forwarded }: LocalRequest): boolean {
  return !forwarded && peer !== undefined && isLoopbackAddress(peer) && isLoopbackName(hostName(host) ?? "");
}

/** "localhost", or an address of the loopback interface. */
export function isLoopbackName(name: string): boolean {
  return name.toLowerCase() === "localhost" || isLoopbackAddress(name.replace(/^\[(.*)\]$/, "$1"));
}

function isLoopbackAddress(text: string): boolean {
  return ipaddr.isValid(text) && ipaddr.process(text).range() === "loopback";
}

function hostName(header: string | undefined): string | undefined {
  return header === undefined ? undefined : URL.parse(`http://${header}`)?.hostname;
}
