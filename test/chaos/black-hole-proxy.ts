import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/**
 * A TCP proxy that can swallow bytes: connections stay open and nothing passes, as after a failover that left
 * them black-holed. New connections pass. A killed server never shows this.
 */
export async function startBlackHoleProxy(targetPort: number) {
  const pairs = new Set<{ inner: Socket; outer: Socket; swallowed: boolean }>();
  const server = createServer((outer) => {
    const inner = connect(targetPort, "127.0.0.1");
    const pair = { inner, outer, swallowed: false };
    pairs.add(pair);
    outer.on("data", (bytes) => void (pair.swallowed || inner.write(bytes)));
    inner.on("data", (bytes) => void (pair.swallowed || outer.write(bytes)));
    for (const [one, other] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return {
    port: address.port,
    /** Everything that is connected now goes silent for good. */
    swallow(): number {
      for (const pair of pairs) pair.swallowed = true;
      return pairs.size;
    },
    close() {
      for (const { inner, outer } of pairs) {
        inner.destroy();
        outer.destroy();
      }
      server.close();
    },
  };
}
