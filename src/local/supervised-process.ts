/**
 * A child process that is kept running:
 *
 *     stopped ──start──► running ──died──► waiting (back-off) ──► running
 *                          └──stop──► stopping ──exit, or SIGKILL after the limit──► stopped
 *
 * Children are in process groups of their own, so that Ctrl-C reaches the supervisor alone and it can stop
 * them in order.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, type WriteStream } from "node:fs";

export interface ProcessPlan {
  name: string;
  program: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Its standard output and error go here. */
  logFile: string;
  /** Our own programs end when this channel closes: no orphan outlives a killed supervisor. */
  channel: boolean;
  stopSignal?: NodeJS.Signals;
  /** Whom it runs as; absent: as this process. Only root may name another. */
  account?: { uid: number; gid: number };
}

export interface SupervisedProcess {
  name: string;
  pid(): number | undefined;
  /** It runs and has said that it is ready. */
  ready(): boolean;
  restarts(): number;
  stop(limitMs: number): Promise<void>;
}

const firstBackoffMs = 250;
const maxBackoffMs = 10_000;
/** A process that came to run is started again soon, however often it dies: what it was killed by must be blamed. */
const maxBackoffOfRunningMs = 500;
/** Without a channel to say that it is ready, a process that lived this long has come to run. */
const assumedReadyMs = 3_000;
/** So many deaths in a row without ever coming to run mean that it cannot start at all. */
const hopelessDeaths = 5;

export interface Watch {
  restarted(name: string, restarts: number, how: string): void;
  /** It died again and again and never came to run. */
  hopeless(name: string, how: string): void;
}

export function superviseProcess(plan: ProcessPlan, watch: Watch): SupervisedProcess {
  const output = createWriteStream(plan.logFile, { flags: "a" });
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let restarts = 0;
  let failedStarts = 0;
  let ready = false;
  let hasRun = false;
  let exited: Promise<void> = Promise.resolve();

  const start = () => {
    const startedAtMs = Date.now();
    const started = launch(plan, output);
    ready = false;
    child = started;
    started.on("message", () => {
      ready = true;
      hasRun = true;
    });
    exited = new Promise((resolve) => {
      const died = (how: string) => {
        resolve();
        if (stopping || child !== started) return;
        child = undefined;
        if (!plan.channel && Date.now() - startedAtMs > assumedReadyMs) ready = hasRun = true;
        failedStarts = ready ? 0 : failedStarts + 1;
        if (failedStarts >= hopelessDeaths && !hasRun) return watch.hopeless(plan.name, how);
        restarts += 1;
        watch.restarted(plan.name, restarts, how);
        const backoffMs = Math.min(firstBackoffMs * 2 ** failedStarts, ready ? maxBackoffOfRunningMs : maxBackoffMs);
        timer = setTimeout(start, backoffMs);
      };
      started.once("error", (error) => died(error.message));
      started.once("exit", (code, signal) => died(signal ?? `exit code ${code}`));
    });
  };
  start();

  return {
    name: plan.name,
    pid: () => child?.pid,
    ready: () => ready && child !== undefined,
    restarts: () => restarts,
    async stop(limitMs) {
      stopping = true;
      clearTimeout(timer);
      child?.kill(plan.stopSignal ?? "SIGTERM");
      const killer = setTimeout(() => child?.kill("SIGKILL"), limitMs);
      if (child) await exited;
      clearTimeout(killer);
      output.end();
    },
  };
}

function launch(plan: ProcessPlan, output: WriteStream): ChildProcess {
  const child = spawn(plan.program, plan.args, {
    ...plan.account,
    env: plan.env,
    detached: true,
    stdio: ["pipe", "pipe", "pipe", ...(plan.channel ? (["ipc"] as const) : [])],
  });
  child.stdout?.pipe(output, { end: false });
  child.stderr?.pipe(output, { end: false });
  return child;
}
