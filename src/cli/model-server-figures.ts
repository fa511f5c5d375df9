import type { Measurement } from "../serving/figures/measure.ts";
import { plain } from "./comparison-table.ts";

export const figureHead = ["GPUS", "BATCH", "QUEUE", "REQUESTS"];
/** ModelServers that are named before one sentence. */
const namedAtMost = 3;

/** As many cells as figureHead has; what is not known, or has no value while nothing is asked, is a dash. */
export function figureCells({ gpus, figures }: Measurement): string[] {
  const cell = (value: number | null | undefined, unit: string) =>
    value === null || value === undefined ? "–" : `${inWords(value)}${unit}`;
  return [
    gpusInWords(gpus),
    cell(figures?.meanBatch, ""),
    cell(figures?.meanQueueMs, " ms"),
    cell(figures?.requestsPerSecond, "/s"),
  ];
}

/** Why cells have no figures: a sentence for all that have the same reason. @param servers each with its name */
export function missingFigures(servers: readonly { name: string; missing: string | null }[]): string[] {
  const byReason = Map.groupBy(
    servers.filter(({ missing }) => missing !== null),
    ({ missing }) => missing ?? "",
  );
  return [...byReason].map(([reason, group]) => {
    const named = group.slice(0, namedAtMost).map(({ name }) => name);
    const more = group.length > named.length ? ` and ${group.length - named.length} more` : "";
    return `no figures of ${named.join(", ")}${more}: ${plain(reason)}`;
  });
}

function gpusInWords(gpus: Measurement["gpus"]): string {
  if (!gpus || gpus.inUse + gpus.spare === 0) return "–";
  return gpus.spare > 0 ? `${inWords(gpus.inUse)} + ${inWords(gpus.spare)} spare` : inWords(gpus.inUse);
}

/** Two digits say enough of what changes all the time. */
const inWords = (value: number) => String(value >= 100 ? Math.round(value) : Number(value.toPrecision(2)));
