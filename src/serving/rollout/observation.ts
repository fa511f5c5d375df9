import type { Counters } from "../resource/model-server-status.ts";

/** What is seen of a ModelServer's parts; the roll-out and the conditions are decided by nothing else. */
export interface Observation {
  nowMs: number;
  /** The version that the spec asks for. */
  wanted: string;
  revision(revision: string): RevisionState;
  /** Of the comparison of the new version with the one that serves. */
  comparison: JobState;
  /** Envoys that are ready. */
  gatewaysReady: number;
  /** What keeps its autoscaler from scaling it: the reason that the autoscaler gives; absent where nothing does. */
  scalerFails?: string;
  /** Why the new version cannot take traffic of the one that serves; absent where it can, or it is not known. */
  misfit?: string;
  /** What both versions have counted; absent where it is not known. */
  counters?: { candidate: Counters; serving: Counters };
}

export type JobState =
  | { state: "absent" | "running" | "done" }
  /** With what it said last. */
  | { state: "failed"; message: string };

export interface RevisionState {
  /** Of all its conversions: failed if one is, done if all are, and if none is needed. */
  conversion: JobState;
  conversionsNeeded: number;
  /** NAME URI PRECISION of each of its models. */
  models: string[];
  /** As its Deployment wants them; undefined where there is no Deployment. */
  servers: number | undefined;
  serversThere: number;
  serversReady: number;
  /** Why servers do not come up. */
  trouble?: Trouble;
}

export interface Trouble {
  reason: string;
  message: string;
}
