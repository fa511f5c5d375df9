import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "../../src/local/free-port.ts";

test("a port that somebody listens on is not given, not even the preferred one", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const taken = typeof address === "object" ? address?.port : undefined;
  expect(await freePort(taken)).not.toBe(taken);
  server.close();
  await once(server, "close");
  expect(await freePort(taken)).toBe(taken);
});
