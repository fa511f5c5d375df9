import type { ModelServerSpec } from "../resource/model-server-spec.ts";
import type { Phase } from "../resource/model-server-status.ts";

/** What people are told of as a Kubernetes event. */
export interface Announcement {
  type: "Normal" | "Warning";
  reason: string;
  message: string;
}

const phaseWords: Record<Phase, (spec: ModelServerSpec) => string> = {
  Converting: () => "is on its way: what has to be converted is converted first",
  Starting: () => "is started",
  Comparing: () => "is compared with the version that serves",
  Canary: ({ rollout }) => `gets ${rollout.canaryPercent} % of the traffic for ${rollout.hold}`,
  Filling: () => "has proved itself: as many servers as the old version has are started",
};

export const announce = {
  phase: (revision: string, phase: Phase, spec: ModelServerSpec): Announcement => ({
    ...{ type: "Normal", reason: phase },
    message: `Version ${revision} ${phaseWords[phase](spec)}`,
  }),
  serves: (revision: string): Announcement => ({
    ...{ type: "Normal", reason: "Serves" },
    message: `Version ${revision} serves all traffic`,
  }),
  refused: (revision: string, reason: string, message: string, serving: string | undefined): Announcement => ({
    ...{ type: "Warning", reason },
    message: `Version ${revision} is given up: ${message}. ${serving ? `Version ${serving} serves on` : "Nothing serves yet"}`,
  }),
  abandoned: (revision: string): Announcement => ({
    ...{ type: "Normal", reason: "Abandoned" },
    message: `Version ${revision} is left: the spec asks for another one now`,
  }),
};
