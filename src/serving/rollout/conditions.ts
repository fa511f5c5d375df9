import type { Platform } from "../render/platform.ts";
import { endpointOf } from "../render/services.ts";
import type { ModelServer } from "../resource/model-server.ts";
import type { Condition } from "../resource/model-server-status.ts";
import type { RolloutStatus } from "./next-rollout.ts";
import type { Observation, Trouble } from "./observation.ts";
import { scaling } from "./scaling-condition.ts";

type Finding = Pick<Condition, "status" | "reason" | "message">;

const isTrue = (reason: string, message: string): Finding => ({ status: "True", reason, message });
const isFalse = (reason: string, message: string): Finding => ({ status: "False", reason, message });

/**
 * Ready, Converted, Progressing, Autoscaled and Degraded. A condition keeps its time while its status stays.
 * @param problem what keeps the controller itself from its work
 */
export function conditionsOf(
  server: ModelServer,
  status: RolloutStatus,
  seen: Observation,
  platform: Platform,
  problem?: Trouble,
): Condition[] {
  const findings = {
    Ready: readiness(status, seen, endpointOf(server, platform)),
    Converted: conversion(status, seen),
    Progressing: progress(status, server),
    Autoscaled: scaling(server, platform, seen.scalerFails),
    Degraded: degradation(status, seen, problem),
  };
  return Object.entries(findings).map(([type, finding]) => {
    const before = server.status.conditions.find((each) => each.type === type);
    const same = before?.status === finding.status;
    return {
      type,
      ...finding,
      lastTransitionTime: same ? before.lastTransitionTime : new Date(seen.nowMs).toISOString(),
      observedGeneration: server.metadata.generation,
    };
  });
}

function readiness({ serving, refused }: RolloutStatus, seen: Observation, endpoint: string): Finding {
  if (!serving) return isFalse(refused?.reason ?? "Starting", refused ? refused.message : "No version serves yet");
  const { serversReady, trouble } = seen.revision(serving.revision);
  if (serversReady === 0)
    return isFalse(
      trouble?.reason ?? "NoServer",
      trouble?.message ?? `No server of version ${serving.revision} is ready`,
    );
  if (seen.gatewaysReady === 0) return isFalse("NoGateway", `No Envoy before the servers is ready at ${endpoint}`);
  return isTrue("Serving", `Version ${serving.revision} answers at ${endpoint}`);
}

function conversion({ serving, rollout, refused }: RolloutStatus, seen: Observation): Finding {
  const revision = rollout?.revision ?? refused?.revision ?? serving?.revision;
  if (revision === undefined) return isFalse("Unknown", "No version is known yet");
  const state = seen.revision(revision);
  if (state.conversionsNeeded === 0) return isTrue("NotNeeded", "The models are served as they are");
  if (state.conversion.state === "failed") return isFalse("ConversionFailed", state.conversion.message);
  if (state.conversion.state === "done") return isTrue("Converted", "Every model is there for this GPU and precision");
  return isFalse("Converting", `Models are converted for version ${revision}`);
}

function progress({ rollout }: RolloutStatus, { spec }: ModelServer): Finding {
  if (!rollout) return isFalse("Complete", "No version is on its way");
  const words = {
    Converting: "its models are converted",
    Starting: "its servers start",
    Comparing: "it is compared with the version that serves",
    Canary: `it has ${spec.rollout.canaryPercent} % of the traffic`,
    Filling: "its servers become as many as those of the old version",
  };
  return isTrue(rollout.phase, `Version ${rollout.revision} is on its way: ${words[rollout.phase]}`);
}

function degradation({ serving, rollout, refused }: RolloutStatus, seen: Observation, problem?: Trouble): Finding {
  if (problem) return isTrue(problem.reason, problem.message);
  if (refused) return isTrue(refused.reason, `Version ${refused.revision} was given up: ${refused.message}`);
  const troubled = [serving?.revision, rollout?.revision]
    .filter((revision) => revision !== undefined)
    .map((revision) => seen.revision(revision).trouble)
    .find((trouble) => trouble !== undefined);
  return troubled ? isTrue(troubled.reason, troubled.message) : isFalse("AsWanted", "Nothing is wrong");
}
