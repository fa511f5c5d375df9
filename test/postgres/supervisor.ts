/**
 * A program for tests: `node supervisor.ts DATA_FOLDER` runs the embedded Postgres as `briareus up` does, until
 * SIGTERM. Says in one line of JSON where it is, and in one sentence why it cannot run.
 */
import { join } from "node:path";
import { freePort } from "../../src/local/free-port.ts";
import { prepareEmbeddedPostgres } from "../../src/local/postgres/embedded-postgres.ts";
import { superviseProcess } from "../../src/local/supervised-process.ts";

const dataFolder = String(process.argv[2]);
try {
  const embedded = await prepareEmbeddedPostgres(dataFolder, await freePort());
  const supervised = superviseProcess(
    { name: "postgres", ...embedded, channel: false, logFile: join(dataFolder, "postgres.log") },
    { restarted: () => undefined, hopeless: (_, how) => fail(`hopeless: ${how}`) },
  );
  process.once("SIGTERM", async () => {
    await supervised.stop(10_000);
    embedded.release();
    process.exit(0);
  });
  console.log(JSON.stringify({ url: embedded.url, data: embedded.data, guard: supervised.pid() }));
} catch (error) {
  fail(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

function fail(words: string): never {
  console.error(words);
  process.exit(1);
}
