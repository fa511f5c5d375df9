import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));
const program = fileURLToPath(new URL("../../.briareus/bin/fake-gcs", import.meta.url));

export interface FakeGcs {
  /** For STORAGE_EMULATOR_HOST. */
  url: string;
  /** A bucket that exists. */
  bucket: string;
  /** Ends it; everything in it is lost. */
  stop(): Promise<void>;
  /** Starts it again, empty, on the same port. */
  restart(): Promise<void>;
}

/** Another party's Cloud Storage in memory, with one bucket, built from its Go module on first use. */
export async function startFakeGcs(bucket = "pictures"): Promise<FakeGcs> {
  await mkdir(fileURLToPath(new URL("../../.briareus/bin", import.meta.url)), { recursive: true });
  await promisify(execFile)("go", ["build", "-o", program, "."], { cwd: here }).catch((error) => {
    throw new Error(`The fake Cloud Storage of the tests could not be built: is Go installed? ${error.message}`);
  });
  let running = await start("0", bucket);
  const { url } = running;
  return {
    url,
    bucket,
    stop: () => running.stop(),
    restart: async () => {
      await running.stop();
      running = await start(new URL(url).port, bucket);
    },
  };
}

/** Where Go is missing the tests of `gs://` are left out, but never in CI: there they fail. */
export async function fakeGcsIsWanted(): Promise<boolean> {
  if (process.env.CI) return true;
  return promisify(execFile)("go", ["version"]).then(
    () => true,
    () => false,
  );
}

async function start(port: string, bucket: string): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn(program, ["-port", port, "-bucket", bucket], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = await Promise.race([
    once(createInterface(child.stdout), "line"),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`the fake Cloud Storage ended with code ${code}`))),
  ]);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  return { url: String(line), stop };
}
