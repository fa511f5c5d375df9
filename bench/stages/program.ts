import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/** As the local system starts its processes. */
export const leanNode = ["--max-semi-space-size=2", "--external-memory-accounted-in-global-limit"];

/** A command of ours as a process of its own, which ends when it is disposed of. */
export interface Program extends AsyncDisposable {
  pid: number;
}

/**
 * Starts a command and waits until it is ready.
 * @param checkout folder of the sources that are run
 */
export async function startProgram(checkout: string, args: string[], environment: NodeJS.ProcessEnv): Promise<Program> {
  const child = spawn(process.execPath, [...leanNode, join(checkout, "src/cli/main.ts"), ...args], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const gone = once(child, "exit");
  const died = gone.then(([code]) => Promise.reject(new Error(`briareus ${args.join(" ")} ended with code ${code}`)));
  await Promise.race([once(child, "message"), died]);
  died.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await gone;
    },
  };
}
