import type { Target } from "../load/load-generator.ts";
import type { Setting } from "../setting.ts";

/** A system as the benchmark starts it. */
export interface SystemUnderTest {
  target: Target;
  /** For processes that send it captures. */
  env: NodeJS.ProcessEnv;
  /** Its processes, with those that they began. */
  pids(): number[];
  /** What belongs to the outside world: a fake Pub/Sub in the place of Google's. */
  outsidePids(): number[];
  stop(): Promise<void>;
}

export interface StartOptions {
  setting: Setting;
  /** Cores that it may use: as many as the process that starts it is pinned to. */
  cores: number;
  /** Path of the real model. */
  model: string;
}
