import { once } from "node:events";
import { createServer } from "node:net";

/** Below the range from which systems take the source ports of connections, so that none can take it meanwhile. */
const range = { from: 20_000, to: 32_000 };
const given = new Set<number>();

/**
 * A TCP port of the loopback interface that nobody listens on, and that this process has not been given before.
 * @param preferred taken if it is free
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (;;) {
    const port = range.from + Math.floor(Math.random() * (range.to - range.from));
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  try {
    await once(server, "listening"); // Rejects with the server's error.
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
