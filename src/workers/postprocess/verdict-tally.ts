/**
 * What people are told of verdicts as a whole: counts by kind and reason, and the captures that could not be processed.
 * Gathered in memory and written once a second, so that no batch waits for it. What a killed process had not written is
 * missing from the counts: they are for people and alarms, not for accounts.
 */
import type { Redis } from "ioredis";
import type { Concluded } from "../../capture/item.ts";
import type { Verdict, VerdictKind } from "../../capture/verdict.ts";
import { createTotalsWriter, totalOf } from "../../pipeline/totals.ts";
import { addUnprocessable, type Unprocessable, unprocessableOf } from "../../pipeline/unprocessable.ts";
import { addVerdictCounts, type VerdictCount } from "../../pipeline/verdict-counts.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { createPictureAllowance } from "./picture-allowance.ts";

export interface VerdictTally {
  /** A verdict was published. */
  count(verdict: Verdict, item: Concluded): void;
  /** Whether people may want to look at the picture: then its blob stays until it expires. Asked once. */
  keepsPicture(blob: string): boolean;
  start(): void;
  /** Writes the rest. */
  stop(): Promise<void>;
}

export interface VerdictTallyOptions {
  redis: Redis;
  log: Logger;
  /** Lifetime of pictures in the blob store. */
  blobTtlMs: number;
}

const flushMs = 1_000;
/** Of one second; the others are counted all the same. */
const mostAtOnce = 200;

export function createVerdictTally({ redis, log, blobTtlMs }: VerdictTallyOptions): VerdictTally {
  const totals = createTotalsWriter();
  const allowance = createPictureAllowance();
  const kept = new Set<string>();
  const ever: Partial<Record<VerdictKind, number>> = {};
  let counts = new Map<string, VerdictCount>();
  let failures: Unprocessable[] = [];
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;

  const pictureOf = ({ image, times }: Concluded, nowMs: number): Unprocessable["picture"] => {
    if (!image || !allowance.take(image.bytes, nowMs)) return null;
    kept.add(image.blob);
    return { blob: image.blob, untilMs: times.receivedAtMs + blobTtlMs };
  };

  const flush = async () => {
    const [nowCounts, nowFailures] = [[...counts.values()], failures];
    if (nowCounts.length === 0) return;
    counts = new Map();
    failures = [];
    const pipeline = redis.pipeline();
    addVerdictCounts(pipeline, nowCounts, Date.now());
    addUnprocessable(pipeline, nowFailures);
    const adding = totals.add(
      pipeline,
      Object.fromEntries(Object.entries(ever).map(([kind, count]) => [totalOf.verdict(kind), count])),
    );
    await pipeline.exec().catch((error: unknown) => {
      adding.failed();
      throw error;
    });
  };
  const flushOnce = () => {
    // While Redis is away one flush waits for it, and the rest gathers here.
    flushing ??= flush()
      .catch((error: Error) => log.warn({ err: error.message }, "verdicts were not counted"))
      .finally(() => {
        flushing = undefined;
      });
    return flushing;
  };

  return {
    count(verdict, item) {
      const { verdict: kind, reason } = verdict;
      ever[kind] = (ever[kind] ?? 0) + 1;
      const name = `${kind} ${reason ?? ""}`;
      const known = counts.get(name);
      if (known) known.count += 1;
      else counts.set(name, { verdict: kind, reason, count: 1 });
      if (kind === "unprocessable" && failures.length < mostAtOnce)
        failures.push(unprocessableOf(verdict, pictureOf(item, verdict.decidedAtMs)));
    },
    keepsPicture: (blob) => kept.delete(blob),
    start() {
      timer ??= setInterval(flushOnce, flushMs);
    },
    async stop() {
      clearInterval(timer);
      await flushing;
      await flushOnce();
    },
  };
}
