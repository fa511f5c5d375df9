/** Between what a pool may move, and how quickly. */
export interface PoolLimits {
  /** Worker processes at least; 0 lets an idle pool go away whole. */
  min: number;
  /** Worker processes at most. */
  max: number;
  /** What is there shall be done within this time, and nothing shall wait longer. */
  goalMs: number;
  /** Fewer workers only after fewer were enough for so long. */
  stabilisationMs: number;
  /** Capacity for so many times what comes: at exactly 1 a queue never gets shorter. */
  headroom: number;
}
