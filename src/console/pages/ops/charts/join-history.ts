import type { OpsHistory, OpsStage, OpsState } from "../../../../review/contract/ops.ts";

const hourMs = 3_600_000;
/** What charts are made of. */
export type OpsHour = Omit<OpsHistory, "models">;
type Column = (number | null)[];
type Columns = Record<string, Column>;

/** Appends what is new to what is known, and lets go of what is older than an hour before the newest. */
export function joinHistory(known: OpsHour | undefined, added: OpsHour): OpsHour {
  if (!known || known.atMs.length === 0) return added;
  const lastMs = known.atMs.at(-1) ?? 0;
  const fresh = added.atMs.findIndex((ms) => ms > lastMs);
  const from = fresh < 0 ? added.atMs.length : fresh;
  const newestMs = added.atMs.at(-1) ?? lastMs;
  const kept = known.atMs.filter((ms) => ms > newestMs - hourMs).length;
  const drop = known.atMs.length - kept;
  const join = <Value>(one: readonly Value[], other: readonly Value[]) => [...one.slice(drop), ...other.slice(from)];
  const columns = <Some extends object>(one: Some, other: Some): Some =>
    mapColumns(one, (name, column) => join(column, (other as Columns)[name] ?? []));
  return {
    stepMs: added.stepMs,
    atMs: join(known.atMs, added.atMs),
    flow: columns(known.flow, added.flow),
    endToEndP95Ms: join(known.endToEndP95Ms, added.endToEndP95Ms),
    pools: everyStage((stage) => columns(known.pools[stage], added.pools[stage])),
  };
}

/** The history with the present at its end, as a point that is not over yet; without it when the sample is as new. */
export function withPresent(history: OpsHour, state: OpsState): { history: OpsHour; unfinished: boolean } {
  const atMs = Date.parse(state.at);
  const lastMs = history.atMs.at(-1);
  if (lastMs === undefined || atMs <= lastMs || atMs - lastMs > 2 * history.stepMs)
    return { history, unfinished: false };
  const { perSecond } = state.verdicts;
  const pool = (stage: OpsStage) => {
    const now = state.pools.find((one) => one.stage === stage);
    const values: Record<string, number | null | undefined> = {
      oldestAgeMs: now?.oldestAgeMs.value,
      depth: now?.depth,
      wanted: now?.replicas.wanted,
      running: now?.replicas.running,
      min: now?.replicas.min,
      max: now?.replicas.max,
      goalMs: now?.goalMs,
      serviceP50Ms: now?.serviceMs.p50,
      serviceP95Ms: now?.serviceMs.p95,
      waitingP95Ms: now?.waitingP95Ms,
      busy: now?.busy.value,
    };
    return mapColumns(history.pools[stage], (name, column) => [...column, values[name] ?? null]);
  };
  const flow: Record<string, number | null> = { in: state.intake.perSecond, ...perSecond };
  return {
    unfinished: true,
    history: {
      ...history,
      atMs: [...history.atMs, atMs],
      flow: mapColumns(history.flow, (name, column) => [...column, flow[name] ?? null]),
      endToEndP95Ms: [...history.endToEndP95Ms, state.verdicts.endToEndP95Ms.value],
      pools: everyStage(pool),
    },
  };
}

const everyStage = <Value>(make: (stage: OpsStage) => Value): Record<OpsStage, Value> => ({
  fetch: make("fetch"),
  preprocess: make("preprocess"),
  infer: make("infer"),
  postprocess: make("postprocess"),
});

/** The one place where the names of columns, which are strings to the compiler, take back their type. */
function mapColumns<Some extends object>(columns: Some, make: (name: string, column: Column) => Column): Some {
  return Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, make(name, column)])) as Some;
}
