/** Counts verdicts off the topic as any subscriber would see them, with a temporary subscription of its own. */
import { randomUUID } from "node:crypto";
import { type Message, PubSub, type Subscription } from "@google-cloud/pubsub";
import { Verdict, type VerdictKind, verdictKinds } from "../capture/verdict.ts";
import { quantile } from "../pipeline/stage-meter.ts";

export interface VerdictTally {
  /** Says that a capture was published: until its verdict comes it is missing. */
  expect(captureId: string): void;
  missing(): string[];
  counts(): Record<VerdictKind, number>;
  /** Captures with at least one verdict. */
  distinct(): number;
  /** Verdicts that repeated one; at-least-once delivery allows them, the fence makes them rare. */
  doubled(): number;
  latestFlagged(): Verdict | undefined;
  /** Milliseconds from reception to verdict of the last 1,000 verdicts. */
  latencyMs(): { p50: number; p95: number; p99: number };
  firstAtMs(): number | undefined;
  close(): Promise<void>;
}

/** A verdict that repeats one from further back counts as another capture's: a run without end must not grow. */
const remembered = 100_000;
const latencyCount = 1_000;
const subscribeAgainMs = 500;

export async function tallyVerdicts(options: { project: string; verdictsTopic: string }): Promise<VerdictTally> {
  const pubsub = new PubSub({ projectId: options.project });
  const seen = new Set<string>();
  const awaited = new Set<string>();
  const counts = Object.fromEntries(verdictKinds.map((kind) => [kind, 0])) as Record<VerdictKind, number>;
  const latencies: number[] = [];
  let distinct = 0;
  let doubled = 0;
  let latest: Verdict | undefined;
  let firstAtMs: number | undefined;
  let closed = false;

  const count = (verdict: Verdict) => {
    awaited.delete(verdict.captureId);
    if (seen.has(verdict.captureId)) {
      doubled += 1;
      return;
    }
    seen.add(verdict.captureId);
    const [oldest] = seen;
    if (seen.size > remembered && oldest !== undefined) seen.delete(oldest);
    firstAtMs ??= Date.now();
    counts[verdict.verdict] += 1;
    latencies[distinct++ % latencyCount] = verdict.decidedAtMs - verdict.times.receivedAtMs;
    if (verdict.verdict === "flagged") latest = verdict;
  };

  const subscribe = async (): Promise<Subscription> => {
    const name = `tally-${randomUUID().slice(0, 8)}`;
    const [made] = await pubsub.createSubscription(options.verdictsTopic, name, { ackDeadlineSeconds: 60 });
    made.on("message", (message) => {
      message.ack();
      const verdict = readVerdict(message);
      if (verdict) count(verdict);
    });
    // An emulator that was started anew knows neither the topic nor this subscription.
    made.on("error", () => void subscribeAgain());
    return made;
  };
  const subscribeAgain = async (): Promise<void> => {
    while (!closed) {
      try {
        subscription = await subscribe();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, subscribeAgainMs));
      }
    }
  };
  let subscription = await subscribe();

  return {
    expect(captureId) {
      if (!seen.has(captureId)) awaited.add(captureId); // The verdict may be quicker than the publication's receipt.
    },
    missing: () => [...awaited],
    counts: () => counts,
    distinct: () => distinct,
    doubled: () => doubled,
    latestFlagged: () => latest,
    latencyMs() {
      const sorted = latencies.toSorted((a, b) => a - b);
      return { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99) };
    },
    firstAtMs: () => firstAtMs,
    async close() {
      closed = true;
      await subscription.close();
      await subscription.delete().catch(() => undefined);
      await pubsub.close();
    },
  };
}

/** What others put on the topic is no verdict, and not ours to judge. */
function readVerdict(message: Message): Verdict | undefined {
  try {
    return Verdict.parse(JSON.parse(message.data.toString()));
  } catch {
    return undefined;
  }
}
