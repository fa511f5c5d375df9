import type { Plan, RevisionPlan } from "../render/render.ts";
import type { Template } from "../render/revision.ts";
import type { ModelServerSpec } from "../resource/model-server-spec.ts";
import type { RolloutStatus } from "./next-rollout.ts";
import type { Observation } from "./observation.ts";

/** One could end while the other is drained. */
const gateways = 2;

/** What the autoscaler or a person asks for, within the limits. */
export function wantedServers({ replicas }: ModelServerSpec): number {
  return Math.min(Math.max(replicas.wanted, replicas.min), replicas.max);
}

/**
 * What has to be there for a state of the roll-out.
 * @param templates of the versions that are remembered
 */
export function planOf(
  spec: ModelServerSpec,
  status: RolloutStatus,
  templates: ReadonlyMap<string, Template>,
  seen: Pick<Observation, "revision">,
): Plan {
  const { serving, rollout, refused, retiring } = status;
  const servers = wantedServers(spec);
  const { canaryPercent } = spec.rollout;
  const canary = rollout && (rollout.phase === "Canary" || rollout.phase === "Filling") ? canaryPercent : 0;
  const wishes: Omit<RevisionPlan, "template">[] = [];
  // Until it ends it stays as it is: servers that are ended now would be ended under load.
  for (const { revision } of retiring) wishes.push({ revision, replicas: seen.revision(revision).servers, weight: 0 });
  if (serving) wishes.push({ revision: serving.revision, replicas: servers, weight: 100 - canary });
  // Its record and the Job that failed are left for people to look at.
  if (refused) wishes.push({ revision: refused.revision, replicas: undefined, weight: 0 });
  if (rollout) {
    const few = Math.max(1, Math.round((servers * canaryPercent) / 100));
    const replicas =
      rollout.phase === "Converting" ? undefined : serving && rollout.phase !== "Filling" ? few : servers;
    wishes.push({ revision: rollout.revision, replicas, weight: serving ? canary : 100 });
  }
  // Refused after it had traffic, it is among those that retire, too.
  const known = new Set<string>();
  const revisions = wishes.flatMap((wish) => {
    const template = templates.get(wish.revision);
    if (!template || known.has(wish.revision)) return [];
    known.add(wish.revision);
    return [{ ...wish, template }];
  });
  const compares = rollout?.phase === "Comparing" && serving;
  return {
    revisions,
    gateways,
    ...(compares && { comparison: { serving: serving.revision, candidate: rollout.revision } }),
  };
}
