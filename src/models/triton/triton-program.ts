import type { PythonEnvironment } from "../python/environment.ts";

/** What to serve, and where. */
export interface TritonOptions {
  /** The model repository. */
  repository: string;
  /** Which of its models; every model when absent. Others can be loaded later, by the model control protocol. */
  models?: readonly string[];
  host: string;
  grpcPort: number;
  httpPort: number;
  metricsPort: number;
  /** Python that the models of Python backends run in; the environment that Triton comes from unless said. */
  python?: PythonEnvironment;
  /** More of Triton's own options, such as --log-verbose=1. */
  args?: readonly string[];
}

/** How to run a Triton. */
export interface TritonProgram {
  /** "Triton 2.51.0 of the package nvidia-pytriton" */
  description: string;
  program: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** What ends it when nobody supervises it any more: the next one wants its ports soon. */
  orphanSignal: "KILL" | "TERM";
}

/**
 * Options that every Triton of ours is started with: models by name, so that a new version is taken in only when it
 * is asked for; no polling; statistics as Prometheus metrics.
 */
export function commonArguments(models: readonly string[]): string[] {
  return [
    "--model-control-mode=explicit",
    "--disable-auto-complete-config",
    ...models.map((name) => `--load-model=${name}`),
  ];
}
