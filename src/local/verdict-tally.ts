/** Counts verdicts off the topic as any subscriber would see them, with a temporary subscription of its own. */
import { randomUUID } from "node:crypto";
import { PubSub } from "@google-cloud/pubsub";
import { Verdict, type VerdictKind, verdictKinds } from "../capture/verdict.ts";
import { quantile } from "../pipeline/stage-meter.ts";

export interface VerdictTally {
  counts(): Record<VerdictKind, number>;
  /** Captures with at least one verdict. */
  distinct(): number;
  /** Verdicts that repeated one; at-least-once delivery allows them, the fence makes them rare. */
  doubled(): number;
  has(captureId: string): boolean;
  latestFlagged(): Verdict | undefined;
  /** Milliseconds from reception to verdict of the last 1,000 verdicts. */
  latencyMs(): { p50: number; p95: number; p99: number };
  firstAtMs(): number | undefined;
  close(): Promise<void>;
}

export async function tallyVerdicts(options: { project: string; verdictsTopic: string }): Promise<VerdictTally> {
  const pubsub = new PubSub({ projectId: options.project });
  const name = `tally-${randomUUID().slice(0, 8)}`;
  const [subscription] = await pubsub.createSubscription(options.verdictsTopic, name, { ackDeadlineSeconds: 60 });
  const seen = new Set<string>();
  const counts = Object.fromEntries(verdictKinds.map((kind) => [kind, 0])) as Record<VerdictKind, number>;
  const latencies: number[] = [];
  let doubled = 0;
  let latest: Verdict | undefined;
  let firstAtMs: number | undefined;

  subscription.on("message", (message) => {
    message.ack();
    const parsed = Verdict.safeParse(JSON.parse(message.data.toString()));
    if (!parsed.success) return;
    const verdict = parsed.data;
    firstAtMs ??= Date.now();
    if (seen.has(verdict.captureId)) {
      doubled += 1;
      return;
    }
    seen.add(verdict.captureId);
    counts[verdict.verdict] += 1;
    latencies[seen.size % 1000] = verdict.decidedAtMs - verdict.times.receivedAtMs;
    if (verdict.verdict === "flagged") latest = verdict;
  });
  subscription.on("error", () => undefined);

  return {
    counts: () => counts,
    distinct: () => seen.size,
    doubled: () => doubled,
    has: (captureId) => seen.has(captureId),
    latestFlagged: () => latest,
    latencyMs() {
      const sorted = latencies.filter((value) => value !== undefined).sort((a, b) => a - b);
      return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99) };
    },
    firstAtMs: () => firstAtMs,
    async close() {
      await subscription.close();
      await subscription.delete().catch(() => undefined);
      await pubsub.close();
    },
  };
}
