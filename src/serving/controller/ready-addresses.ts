import type { Children } from "./children.ts";
import { podStatus } from "./pod-troubles.ts";

/** Hosts of a version's ready servers, as they stand in a URL. */
export function readyAddresses(children: Children, revision: string): string[] {
  return children
    .pods("server", revision)
    .map(podStatus)
    .filter(({ conditions }) => conditions.some(({ type, status }) => type === "Ready" && status === "True"))
    .map(({ podIP }) => podIP)
    .filter((address) => address !== undefined)
    .map((address) => (address.includes(":") ? `[${address}]` : address));
}
