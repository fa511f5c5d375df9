export interface Health {
  /** Makes progress, or has nothing to do. false: restart the process. */
  live: boolean;
  /** Can take work now. */
  ready: boolean;
  detail: string;
}

/** A long-lived part of a process. Both verbs bear being called twice. */
export interface Lifecycle {
  start(): Promise<void>;
  /** Finishes what is under way within the drain limit and lets go of the rest. */
  stop(): Promise<void>;
  health(): Promise<Health>;
}
