/**
 * The way of a new version:
 *
 *     Converting ──► Starting ──► Comparing ──► Canary ──► Filling ──► serves; the old one retires
 *          │             │            │            │          │
 *          └─────────────┴────────────┴────────────┴──────────┴──► refused, with the reason; the old one serves on
 *
 * Comparing only where it is configured; the first version of all goes from Starting to serving. A version that had traffic
 * retires before it ends: the Envoys learn of a change within a minute or so.
 *
 * Decided from the status and what is seen, and from nothing else: whoever takes over from a controller that died goes on
 * where it was.
 */
import { durationMs } from "../render/durations.ts";
import type { ModelServer } from "../resource/model-server.ts";
import type { ModelServerStatus } from "../resource/model-server-status.ts";
import { type Announcement, announce } from "./announcements.ts";
import { judgeCanary } from "./judge-canary.ts";
import type { Observation, Trouble } from "./observation.ts";
import { wantedServers } from "./plan.ts";

export type RolloutStatus = Pick<ModelServerStatus, "serving" | "rollout" | "refused" | "retiring">;

export interface Decision {
  status: RolloutStatus;
  announcements: Announcement[];
  /** When time alone may change the decision. */
  againInMs?: number;
}

/** Until Envoys have read that a version has no traffic, and what they had sent is answered. */
const retireAfterMs = 150_000;
/** How often a canary's figures are looked at. */
const judgeEveryMs = 15_000;

export function nextRollout(server: ModelServer, seen: Observation): Decision {
  const { nowMs, wanted } = seen;
  const announcements: Announcement[] = [];
  const checks: number[] = [];
  let { serving, rollout, refused } = server.status;
  /** The last of the phases that one look goes through. */
  let entered: Announcement | undefined;
  const now = new Date(nowMs).toISOString();
  const ageMs = (since: string) => nowMs - Date.parse(since);

  let retiring = server.status.retiring.filter(({ since }) => ageMs(since) < retireAfterMs);
  const retire = (revision: string) => {
    retiring = [...retiring.filter((each) => each.revision !== revision), { revision, since: now }];
  };
  const endRollout = () => {
    if (rollout && (rollout.phase === "Canary" || rollout.phase === "Filling")) retire(rollout.revision);
    rollout = undefined;
  };
  const refuse = ({ reason, message }: Trouble) => {
    announcements.push(announce.refused(wanted, reason, message, serving?.revision));
    refused = { revision: wanted, reason, message, at: now };
    entered = undefined;
    endRollout();
  };
  const enter = (phase: NonNullable<typeof rollout>["phase"]) => {
    entered = announce.phase(wanted, phase, server.spec);
    const before = phase === "Canary" ? seen.counters : phase === "Filling" ? rollout?.before : undefined;
    rollout = { revision: wanted, phase, since: now, ...(before && { before }) };
  };
  const promote = () => {
    if (serving) retire(serving.revision);
    retiring = retiring.filter(({ revision }) => revision !== wanted);
    serving = { revision: wanted, since: now, models: seen.revision(wanted).models };
    announcements.push(announce.serves(wanted));
    rollout = undefined;
    entered = undefined;
  };

  if (refused && refused.revision !== wanted) refused = undefined;
  if (serving?.revision === wanted) {
    if (rollout) announcements.push(announce.abandoned(rollout.revision));
    endRollout();
  } else if (!refused && rollout?.revision !== wanted) {
    if (rollout) announcements.push(announce.abandoned(rollout.revision));
    endRollout();
    retiring = retiring.filter(({ revision }) => revision !== wanted);
    enter("Converting");
  }

  // As many steps as what is seen allows: none of them waits for the next look.
  for (let moved = true; moved && rollout; ) {
    const { phase, since, before } = rollout;
    const state = seen.revision(wanted);
    const enough = serving && phase === "Filling" ? wantedServers(server.spec) : 1;
    const lateInMs = durationMs(server.spec.rollout.startWithin) - ageMs(since);
    moved = false;
    if (phase === "Converting") {
      if (state.conversion.state === "failed")
        refuse({ reason: "ConversionFailed", message: state.conversion.message });
      else if (state.conversion.state === "done") {
        enter("Starting");
        moved = true;
      }
    } else if (phase === "Comparing") {
      if (seen.comparison.state === "failed") refuse({ reason: "ComparisonFailed", message: seen.comparison.message });
      else if (seen.comparison.state === "done") {
        enter("Canary");
        moved = true;
      }
    } else {
      const against = phase === "Starting" ? undefined : judgement(server, seen, before);
      const ready = state.serversReady >= enough;
      if (against) refuse(against);
      else if (phase === "Canary") {
        const leftMs = durationMs(server.spec.rollout.hold) - ageMs(since);
        if (leftMs <= 0) {
          enter("Filling");
          moved = true;
        } else checks.push(Math.min(leftMs, judgeEveryMs));
        if (!before && seen.counters && rollout?.phase === "Canary") rollout = { ...rollout, before: seen.counters };
      } else if (ready && phase === "Starting" && serving) {
        if (seen.misfit) refuse({ reason: "ModelDoesNotFit", message: seen.misfit });
        else {
          enter(server.spec.rollout.comparison ? "Comparing" : "Canary");
          moved = true;
        }
      } else if (ready) promote();
      // With nothing that serves, there is nothing to go back to: what is missing may still come.
      else if (serving && lateInMs <= 0) refuse(late(server, state.trouble));
      else checks.push(lateInMs > 0 ? lateInMs : judgeEveryMs);
    }
  }
  for (const { since } of retiring) checks.push(retireAfterMs - ageMs(since));
  return {
    status: { ...(serving && { serving }), ...(rollout && { rollout }), ...(refused && { refused }), retiring },
    announcements: entered ? [...announcements, entered] : announcements,
    ...(checks.length > 0 && { againInMs: Math.max(1, Math.min(...checks)) }),
  };
}

function judgement(
  server: ModelServer,
  { counters }: Observation,
  before: NonNullable<ModelServerStatus["rollout"]>["before"],
): Trouble | undefined {
  if (!before || !counters) return undefined;
  const { latencyGoal } = server.spec;
  return judgeCanary({ before, now: counters, ...(latencyGoal && { latencyGoalMs: durationMs(latencyGoal) }) });
}

function late({ spec }: ModelServer, trouble: Trouble | undefined): Trouble {
  if (trouble) return trouble;
  const message = `its servers were not ready within ${spec.rollout.startWithin}: look at its pods, or raise rollout.startWithin`;
  return { reason: "NotStarted", message };
}
