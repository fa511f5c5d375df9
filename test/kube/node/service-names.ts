import { z } from "zod";
import type { Pod } from "./pod.ts";

export const Service = z.looseObject({
  metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
  spec: z.looseObject({ selector: z.record(z.string(), z.string()).optional() }),
});
export type Service = z.infer<typeof Service>;

/** Addresses of each Service's ready pods, by its whole name; one with an address of its own is as a headless one here. */
export function addressesOf(
  services: readonly Service[],
  running: readonly { pod: Pod; address: string; ready: boolean }[],
): Map<string, string[]> {
  return new Map(
    services.map(({ metadata: { name, namespace }, spec: { selector } }) => [
      `${name}.${namespace}.svc.cluster.local`,
      running
        .filter(
          ({ pod: { metadata }, ready }) => ready && metadata.namespace === namespace && matches(selector, metadata),
        )
        .map(({ address }) => address),
    ]),
  );
}

function matches(selector: Service["spec"]["selector"], { labels }: Pod["metadata"]): boolean {
  return selector !== undefined && Object.entries(selector).every(([key, value]) => labels[key] === value);
}
