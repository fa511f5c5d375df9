/**
 * What the API server has of one kind, kept up to date:
 *
 *     listing ──► watching ──the server ends the watch, or it breaks──► watching on from the last version seen
 *        ▲            └──that version is too old, or it fails again and again──┐
 *        └─────────────────────────────────────────────────────────────────────┘
 *
 * Nothing is lost on the way: a listing tells of what changed and of what is gone since the last one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Logger } from "../../telemetry/logger.ts";
import { backOffMs } from "./back-off.ts";
import { type Kind, kinds, pathOf } from "./kinds.ts";
import type { KubeClient } from "./kube-client.ts";
import { isKubeError, KubeError } from "./kube-error.ts";
import { KubeObject, keyOf, withoutManagedFields } from "./kube-object.ts";

export interface Informer {
  /** Resolves when all there is has been listed once. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** @param key NAMESPACE/NAME */
  get(key: string): KubeObject | undefined;
  list(): KubeObject[];
  /** Those that belong together by `indexBy`. */
  listOf(group: string): KubeObject[];
}

export interface InformerOptions {
  client: KubeClient;
  kind: Kind;
  namespace?: string;
  labelSelector?: string;
  /** What groups objects; nothing unless said. */
  indexBy?: (object: KubeObject) => string | undefined;
  /** Called for each object that came, changed or went. */
  onChange: (object: KubeObject) => void;
  log: Logger;
}

const pageSize = "500";
/** The server sends a bookmark each minute: silence means that the connection is dead. */
const idleLimitMs = 150_000;
const watchSeconds = "280";
const failuresBeforeListing = 3;
const backOff = { baseMs: 200, maxMs: 10_000 };

const Page = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string(), continue: z.string().optional() }),
  items: z.array(KubeObject),
});
const WatchEvent = z.looseObject({
  type: z.enum(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR"]),
  object: z.looseObject({
    code: z.number().optional(),
    message: z.string().optional(),
    metadata: z.looseObject({ resourceVersion: z.string().optional() }).optional(),
  }),
});

export function createInformer(options: InformerOptions): Informer {
  const { client, kind, namespace, labelSelector, indexBy = () => undefined, onChange, log } = options;
  const path = pathOf(kind, namespace);
  const selector: Record<string, string> = labelSelector ? { labelSelector } : {};
  const objects = new Map<string, KubeObject>();
  const groups = new Map<string, Set<string>>();
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  const ungroup = (object: KubeObject) => {
    const group = indexBy(object);
    if (group === undefined) return;
    groups.get(group)?.delete(keyOf(object));
    if (groups.get(group)?.size === 0) groups.delete(group);
  };
  const put = (object: KubeObject) => {
    const kept = withoutManagedFields(object);
    const before = objects.get(keyOf(kept));
    if (before) ungroup(before);
    objects.set(keyOf(kept), kept);
    const group = indexBy(kept);
    if (group !== undefined) groups.set(group, (groups.get(group) ?? new Set()).add(keyOf(kept)));
    if (before?.metadata.resourceVersion !== kept.metadata.resourceVersion) onChange(kept);
  };
  const remove = (key: string) => {
    const object = objects.get(key);
    if (!object) return;
    ungroup(object);
    objects.delete(key);
    onChange(object);
  };

  const listAll = async (): Promise<string> => {
    const seen = new Set<string>();
    let page: z.infer<typeof Page> | undefined;
    do {
      const from: Record<string, string> = page?.metadata.continue ? { continue: page.metadata.continue } : {};
      page = Page.parse(await client.ask("GET", path, { query: { ...selector, ...from, limit: pageSize } }));
      for (const object of page.items) {
        seen.add(keyOf(object));
        // In a listing they do not say what they are, other than in a watch.
        put({ apiVersion: kinds[kind].apiVersion, kind, ...object });
      }
    } while (page.metadata.continue);
    for (const key of [...objects.keys()].filter((each) => !seen.has(each))) remove(key);
    return page.metadata.resourceVersion;
  };

  /** Until the server ends the watch. */
  const follow = async (from: string, seen: (version: string) => void) => {
    const query = { ...selector, resourceVersion: from, allowWatchBookmarks: "true", timeoutSeconds: watchSeconds };
    for await (const line of client.watch(path, query, stopping.signal, idleLimitMs)) {
      const { type, object } = WatchEvent.parse(JSON.parse(line));
      if (type === "ERROR")
        throw new KubeError(object.code === 410 ? "gone" : "unavailable", `watch ${path}: ${object.message}`);
      if (type === "ADDED" || type === "MODIFIED") put(KubeObject.parse(object));
      if (type === "DELETED") remove(keyOf(KubeObject.parse(object)));
      if (object.metadata?.resourceVersion) seen(object.metadata.resourceVersion);
    }
  };

  const run = async (listed: () => void) => {
    let version: string | undefined;
    for (let failures = 0; !stopping.signal.aborted; ) {
      try {
        version ??= await listAll();
        listed();
        await follow(version, (seen) => {
          version = seen;
          failures = 0;
        });
      } catch (error) {
        if (stopping.signal.aborted) return;
        failures += 1;
        if (isKubeError(error, "gone") || failures >= failuresBeforeListing) version = undefined;
        log.warn({ kind, failures, err: error }, "the API server does not tell of changes; asking again");
        await sleep(backOffMs(failures, backOff), undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };

  return {
    start: async () => {
      const first = Promise.withResolvers<void>();
      running ??= run(first.resolve).finally(first.resolve);
      await first.promise;
    },
    stop: async () => {
      stopping.abort();
      await running;
    },
    get: (key) => objects.get(key),
    list: () => [...objects.values()],
    listOf: (group) =>
      [...(groups.get(group) ?? [])].map((key) => objects.get(key)).filter((object) => object !== undefined),
  };
}
