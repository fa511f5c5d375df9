import type { z } from "zod";
import { readIngress, readPools } from "../../pipeline/pool-figures.ts";
import { stageNames } from "../../pipeline/stages.ts";
import type { KnownLimits } from "../../pipeline/tuning/merge-change.ts";
import type { Tuning } from "../../pipeline/tuning/tuning.ts";
import { type TuningStep, type TuningStore, tuningStore } from "../../pipeline/tuning/tuning-store.ts";
import type { Actor } from "../access/actor.ts";
import { actorName, appendActivity } from "../activity/append.ts";
import type {
  OpsTuning,
  RestoreRequest,
  TuningStep as Step,
  TuningLog,
  TuningRequest,
} from "../contract/ops-tuning.ts";
import type { ReviewContext } from "../review-context.ts";
import { readSamples } from "./history.ts";
import type { OpsParts } from "./ops-parts.ts";
import { readPlan } from "./read-plan.ts";
import { type Deployment, logEntryView, tuningView } from "./tuning-view.ts";

const hourMs = 3_600_000;

export interface OpsTuningStore {
  read(): Promise<OpsTuning>;
  /** All of these throw TuningError and have then changed nothing. */
  change(actor: Actor, request: z.infer<typeof TuningRequest>): Promise<OpsTuning>;
  keep(actor: Actor, step: z.infer<typeof Step>): Promise<OpsTuning>;
  revert(actor: Actor, step: z.infer<typeof Step>): Promise<OpsTuning>;
  restore(actor: Actor, request: z.infer<typeof RestoreRequest>): Promise<OpsTuning>;
  log(count: number): Promise<z.infer<typeof TuningLog>>;
}

/** The tuning in the hands of people and keys: who they are is in its log, and each step in the activity log. */
export function opsTuning({ db, now, log }: ReviewContext, { redis }: OpsParts): OpsTuningStore {
  const store = tuningStore(redis, now);

  const view = async (tuning: Tuning): Promise<OpsTuning> => tuningView(tuning, await readDeployment());
  const readDeployment = async (): Promise<Deployment> => {
    const [pools, ingress, plan] = await Promise.all([
      readPools(redis, now()),
      readIngress(redis, now()),
      readPlan(redis, now()),
    ]);
    return { pools, plan, batchSize: ingress.find((each) => each.batchSize > 0)?.batchSize ?? null };
  };
  const knownLimits = async (): Promise<KnownLimits> => {
    const [{ defaults }, limits] = [await view(await store.read()), {} as KnownLimits];
    for (const stage of stageNames) {
      const { min, max } = defaults[stage];
      if (min !== null && max !== null) limits[stage] = { min, max };
    }
    return limits;
  };

  const take = async (
    actor: Actor,
    { version, why }: z.infer<typeof Step>,
    act: (store: TuningStore, step: TuningStep) => Promise<Tuning>,
  ): Promise<OpsTuning> => {
    const tuning = await act(store, { expectedVersion: version, who: actor.name, why });
    const [entry] = await store.log(1);
    const { kind, changes } = entry?.version === tuning.version ? entry : { kind: "change", changes: [] };
    // It is in force, and in its own log: a database that is away makes that neither undone nor unsaid.
    await appendActivity(db, {
      actor: actorName(actor),
      kind: "pipeline-tuned",
      details: { version: tuning.version, how: kind, why, changes },
    }).catch((error: unknown) =>
      log.error({ err: error, version: tuning.version }, "a tuning is not in the activity log"),
    );
    return view(tuning);
  };

  return {
    read: async () => view(await store.read()),
    change: async (actor, { version, why, stages, tryMs }) => {
      const defaults = await knownLimits();
      return take(actor, { version, why }, (store, step) =>
        store.change({ ...step, stages, defaults, ...(tryMs === undefined ? {} : { trialMs: tryMs }) }),
      );
    },
    keep: (actor, request) => take(actor, request, (store, step) => store.keep(step)),
    revert: (actor, request) => take(actor, request, (store, step) => store.revert(step)),
    restore: async (actor, request) => {
      const defaults = await knownLimits();
      return take(actor, request, (store, step) => store.restore({ ...step, version: request.restore, defaults }));
    },
    async log(count) {
      const [entries, samples] = await Promise.all([store.log(count), readSamples(redis, now() - hourMs, now())]);
      return { items: entries.map((entry) => logEntryView(entry, samples)) };
    },
  };
}
