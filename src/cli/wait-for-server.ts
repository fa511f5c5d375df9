import { setTimeout as sleep } from "node:timers/promises";
import type { KubeClient } from "../serving/cluster/kube-client.ts";
import { isKubeError } from "../serving/cluster/kube-error.ts";
import { ModelServer, retryAnnotation } from "../serving/resource/model-server.ts";
import type { Condition } from "../serving/resource/model-server-status.ts";
import { plain } from "./comparison-table.ts";
import { CommandError } from "./exit.ts";

const lookAgainMs = 1_000;
/** A controller that runs looks at what changed within a second or so. */
const noticedWithinMs = 20_000;
/** The API server may start anew meanwhile. */
const missedLooks = 30;

interface Waited {
  client: KubeClient;
  /** Of the ModelServer. */
  path: string;
  /** Of the spec that is waited for. */
  generation: number;
  timeoutMs: number;
  tell: (line: string) => void;
}

/**
 * Tells of conditions as they change, until the spec of this generation serves.
 * @throws CommandError where it is refused, deleted or takes too long; KubeError
 */
export async function waitForServer({ client, path, generation, timeoutMs, tell }: Waited): Promise<void> {
  const startedAtMs = Date.now();
  let told: readonly Condition[] = [];
  let unnoticed = false;
  for (let missed = 0; ; await sleep(lookAgainMs)) {
    const answer = await client.ask("GET", path).catch((error: unknown) => {
      if (isKubeError(error, "missing")) throw new CommandError("it was deleted meanwhile");
      missed += 1;
      if (!isKubeError(error, "unavailable") || missed > missedLooks) throw error;
      return undefined;
    });
    const waitedMs = Date.now() - startedAtMs;
    if (answer !== undefined) {
      missed = 0;
      const server = ModelServer.parse(answer);
      const outcome = outcomeOf(server, generation);
      if (outcome.state !== "unseen") {
        for (const line of changedConditions(told, server.status.conditions)) tell(line);
        told = server.status.conditions;
      } else if (!unnoticed && waitedMs > noticedWithinMs) {
        unnoticed = true;
        tell("nothing has looked at it yet: does briareus serving-controller run?");
      }
      if (outcome.state === "serves") return;
      if (outcome.state === "failed") throw new CommandError(outcome.words);
    }
    if (waitedMs > timeoutMs)
      throw new CommandError(
        `it is not ready after ${Math.round(timeoutMs / 1_000)} s, and goes on: briareus model servers says how it fares`,
      );
  }
}

type Outcome = { state: "unseen" | "waiting" | "serves" } | { state: "failed"; words: string };

/** How a spec fares. @param generation of the spec; a status of an earlier one says nothing of it */
export function outcomeOf({ metadata, status }: ModelServer, generation: number): Outcome {
  if (metadata.deletionTimestamp) return { state: "failed", words: "it is being deleted" };
  if ((status.observedGeneration ?? 0) < generation) return { state: "unseen" };
  const { refused, rollout, conditions } = status;
  if (refused) {
    const again = `kubectl annotate msrv ${metadata.name} --namespace ${metadata.namespace} ${retryAnnotation}=${refused.revision} --overwrite`;
    const words = `refused, ${refused.reason}: ${plain(refused.message)}; change the options, or try it again: ${again}`;
    return { state: "failed", words };
  }
  const ready = conditions.some(({ type, status: value }) => type === "Ready" && value === "True");
  return { state: ready && !rollout ? "serves" : "waiting" };
}

/** A line for each condition that is other than it was. */
export function changedConditions(before: readonly Condition[], now: readonly Condition[]): string[] {
  return now.map(lineOf).filter((line) => !before.map(lineOf).includes(line));
}

const lineOf = ({ type, status, reason, message }: Condition) =>
  `${type.padEnd(11)}  ${status.padEnd(7)}  ${plain(reason)}: ${plain(message)}`;
