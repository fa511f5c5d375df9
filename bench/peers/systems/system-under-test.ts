import type { GpuWork } from "../gpu-timeline.ts";
import type { Target } from "../load/load-generator.ts";
import type { Setting } from "../setting.ts";

/** A part of a system, with the processes that it began. */
export interface Part {
  name: string;
  pids: number[];
  /** It stands for the outside world: a fake Pub/Sub in the place of Google's. */
  outside: boolean;
}

/** A system as the benchmark starts it. */
export interface SystemUnderTest {
  target: Target;
  /** For processes that send it captures. */
  env: NodeJS.ProcessEnv;
  parts(): Part[];
  /** undefined where the model runs on the CPU. */
  gpuWork(): GpuWork | undefined;
  stop(): Promise<void>;
}

export interface StartOptions {
  setting: Setting;
  /** Cores that it may use: as many as the process that starts it is pinned to. */
  cores: number;
  /** Path of the real model. */
  model: string;
}
