import type { ModelIndex, ModelStatistics, StatisticDuration } from "../../inference/protocol.ts";
import type { ModelFigures } from "../contract/ops.ts";

/** What one server said at one time. */
export interface ServerReading {
  atMs: number;
  statistics: readonly ModelStatistics[];
  index: readonly ModelIndex[];
}

/**
 * The figures of every version between each server's first reading and its last. Pure.
 * @param servers readings of each server that answers, oldest first, none of them empty
 */
export function modelFigures(servers: readonly (readonly ServerReading[])[]): ModelFigures[] {
  const lasts = servers.flatMap((readings) => readings.at(-1) ?? []);
  const versions = new Map<string, { model: string; version: string }>();
  for (const { index, statistics } of lasts) {
    for (const { name, version } of [...index, ...statistics])
      if (version !== "") versions.set(`${name}\0${version}`, { model: name, version });
  }
  return [...versions.values()]
    .sort((a, b) => a.model.localeCompare(b.model) || Number(a.version) - Number(b.version))
    .map(({ model, version }) => ({
      model,
      version,
      ...stateOf(lasts, model, version),
      ...workOf(servers, model, version),
    }));
}

function stateOf(lasts: readonly ServerReading[], model: string, version: string) {
  const entries = lasts.flatMap(({ index }) => index.filter((each) => each.name === model && each.version === version));
  const ready = entries.filter((entry) => entry.state === "READY");
  const other = entries.find((entry) => entry.state !== "READY");
  const state: ModelFigures["state"] =
    ready.length > 0 ? "ready" : other?.state === "LOADING" ? "loading" : "unavailable";
  return { state, reason: state === "ready" ? null : other?.reason || null, servers: ready.length };
}

/** Sums over the servers, then what one capture, or one execution, had of them. */
function workOf(servers: readonly (readonly ServerReading[])[], model: string, version: string) {
  const sum = {
    captures: 0,
    executions: 0,
    requests: 0,
    queueNs: 0,
    computeNs: 0,
    failed: 0,
    perSecond: 0,
    failedPerSecond: 0,
  };
  let seen = false;
  for (const readings of servers) {
    const [first, last] = [readings[0], readings.at(-1)];
    if (!first || !last || last.atMs <= first.atMs) continue;
    const now = find(last, model, version);
    if (!now) continue;
    seen = true;
    const before = find(first, model, version);
    const grown = (of: (stats: ModelStatistics) => number) => of(now) - (before ? of(before) : 0);
    const inferences = grown((stats) => stats.inference_count);
    sum.captures += inferences;
    sum.executions += grown((stats) => stats.execution_count);
    sum.requests += grown(({ inference_stats: { success } }) => Number(success.count));
    sum.queueNs += grown(({ inference_stats: { queue } }) => Number(queue.ns));
    sum.computeNs += grown(({ batch_stats: batches }) =>
      batches.reduce((ns, batch) => ns + total(batch.compute_input, batch.compute_infer, batch.compute_output), 0),
    );
    const ms = last.atMs - first.atMs;
    sum.perSecond += (inferences * 1_000) / ms;
    sum.failedPerSecond += (grown(({ inference_stats: { fail } }) => Number(fail.count)) * 1_000) / ms;
  }
  const { captures, executions, requests, queueNs, computeNs } = sum;
  return {
    perSecond: seen ? sum.perSecond : null,
    meanBatch: executions > 0 ? captures / executions : null,
    queueMs: requests > 0 ? queueNs / requests / 1e6 : null,
    computeMs: executions > 0 ? computeNs / executions / 1e6 : null,
    failedPerSecond: seen ? sum.failedPerSecond : null,
  };
}

const find = ({ statistics }: ServerReading, model: string, version: string) =>
  statistics.find((stats) => stats.name === model && stats.version === version);

const total = (...durations: StatisticDuration[]) => durations.reduce((sum, { ns }) => sum + Number(ns), 0);
