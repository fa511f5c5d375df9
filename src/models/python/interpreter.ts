import { spawnSync } from "node:child_process";
import { ModelToolError } from "../model-tool-error.ts";

export interface Interpreter {
  program: string;
  /** "3.11" */
  version: string;
}

/** What the pinned packages have wheels for. */
const supported = ["3.11", "3.12"];

/**
 * The Python that environments are made with: BRIAREUS_PYTHON, else the first one on the PATH that fits.
 * @throws ModelToolError where there is none, saying what was found instead
 */
export function findInterpreter(env: NodeJS.ProcessEnv = process.env): Interpreter {
  const names = env.BRIAREUS_PYTHON ? [env.BRIAREUS_PYTHON] : ["python3.12", "python3.11", "python3", "python"];
  const found = names.map((program) => ({ program, version: versionOf(program) }));
  const fitting = found.find((each): each is Interpreter => supported.includes(each.version ?? ""));
  if (fitting) return fitting;
  const others = found.filter(({ version }) => version).map(({ program, version }) => `${program} is ${version}`);
  throw new ModelToolError(
    `Python ${supported.join(" or ")} is needed, and ${others.join(", ") || `no ${names.join(", ")} was found`}: ` +
      "install one (Debian: apt-get install python3 python3-venv), or set BRIAREUS_PYTHON to its program",
  );
}

function versionOf(program: string): string | undefined {
  const print = 'import sys; print("%d.%d" % sys.version_info[:2])';
  const { status, stdout } = spawnSync(program, ["-c", print], { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
