import type { z } from "zod";
import type { Tuning } from "../../pipeline/tuning/tuning.ts";
import { type TuningStep, type TuningStore, tuningStore } from "../../pipeline/tuning/tuning-store.ts";
import { knownLimits, readDeployment } from "../../scaling/deployment.ts";
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
import { logEntryView, tuningView } from "./tuning-view.ts";

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

  const view = async (tuning: Tuning) => tuningView(tuning, await readDeployment(redis, now()));
  const defaults = async () => knownLimits(await readDeployment(redis, now()));

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
    change: (actor, { version, why, stages, tryMs }) =>
      take(actor, { version, why }, async (store, step) =>
        store.change({
          ...step,
          stages,
          defaults: await defaults(),
          ...(tryMs === undefined ? {} : { trialMs: tryMs }),
        }),
      ),
    keep: (actor, request) => take(actor, request, (store, step) => store.keep(step)),
    revert: (actor, request) => take(actor, request, (store, step) => store.revert(step)),
    restore: (actor, request) =>
      take(actor, request, async (store, step) =>
        store.restore({ ...step, version: request.restore, defaults: await defaults() }),
      ),
    async log(count) {
      const [entries, samples] = await Promise.all([store.log(count), readSamples(redis, now() - hourMs, now())]);
      return { items: entries.map((entry) => logEntryView(entry, samples)) };
    },
  };
}
