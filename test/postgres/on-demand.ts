/**
 * One Postgres for all test files of a run, started when the first of them asks for it: a run without such tests
 * has none. Whoever connects to the port in `BRIAREUS_TEST_POSTGRES` is told the server's URL.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { type PostgresServer, startPostgresServer } from "./server.ts";

/** vitest's global set-up. @returns the tear-down */
export default async function offerPostgres(): Promise<() => Promise<void>> {
  let server: Promise<PostgresServer> | undefined;
  const door = createServer(async (socket) => {
    socket.on("error", () => undefined);
    server ??= startPostgresServer({ fsync: "off" });
    socket.end(
      await server.then(
        ({ url }) => JSON.stringify({ url }),
        (error) => JSON.stringify({ error: String(error) }),
      ),
    );
  }).listen(0, "127.0.0.1");
  await once(door, "listening");
  process.env.BRIAREUS_TEST_POSTGRES = String((door.address() as AddressInfo).port);
  return async () => {
    door.close();
    await (await server?.catch(() => undefined))?.stop();
  };
}

/** The URL of the run's server. */
export async function urlOfRun(): Promise<string> {
  const { url, error } = JSON.parse(await text(connect(Number(process.env.BRIAREUS_TEST_POSTGRES), "127.0.0.1")));
  if (error) throw new Error(error);
  return url;
}
