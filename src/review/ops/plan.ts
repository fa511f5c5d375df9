import type { StageName } from "../../pipeline/stages.ts";

/** What whoever scales a pool wants of it; all but the goal null where nobody does. */
export interface PoolPlan {
  wanted: number | null;
  min: number | null;
  max: number | null;
  goalMs: number;
  /** In the rule's words. */
  reason: string | null;
  /** At its maximum, and that is not enough. */
  saturated: boolean;
}

export interface Plan {
  driver: string | null;
  by: string | null;
  decidedAtMs: number | null;
  pools: Record<StageName, PoolPlan>;
  tuning: { version: number; trialUntilMs: number | null };
}
