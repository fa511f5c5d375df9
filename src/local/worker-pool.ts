/**
 * The worker processes of one stage on this machine:
 *
 *     setSize ──more──► started ──► running ──fewer──► draining (SIGTERM) ──► gone
 *
 * A worker that drains is no longer counted, and its name is free again only when it is gone.
 */
import type { StageName } from "../pipeline/stages.ts";
import type { SupervisedProcess } from "./supervised-process.ts";

export interface WorkerPool {
  stage: StageName;
  /** Processes that work or start, those that drain not included. */
  size(): number;
  /** Starts what is missing; of too many the latest drain. Does not wait. */
  setSize(processes: number): void;
  /** All that have not ended, those that drain too. */
  processes(): readonly SupervisedProcess[];
  /** Resolves when all have ended. */
  stop(): Promise<void>;
}

/** @param drainLimitMs after so long a process that drains is killed; what it held comes back when its locks end */
export function createWorkerPool(
  stage: StageName,
  start: (name: string) => SupervisedProcess,
  drainLimitMs: number,
): WorkerPool {
  const running: SupervisedProcess[] = [];
  const draining = new Map<SupervisedProcess, Promise<void>>();
  let stopped = false;

  const drain = (process: SupervisedProcess) =>
    draining.set(
      process,
      process.stop(drainLimitMs).then(() => void draining.delete(process)),
    );

  const freeName = () => {
    const taken = new Set([...running, ...draining.keys()].map(({ name }) => name));
    for (let number = 1; ; number++) {
      const name = number === 1 ? stage : `${stage}-${number}`;
      if (!taken.has(name)) return name;
    }
  };

  return {
    stage,
    size: () => running.length,
    setSize(processes) {
      if (stopped) return;
      while (running.length < processes) running.push(start(freeName()));
      for (const process of running.splice(processes)) drain(process);
    },
    processes: () => [...running, ...draining.keys()],
    async stop() {
      stopped = true;
      for (const process of running.splice(0)) drain(process);
      await Promise.all(draining.values());
    },
  };
}
