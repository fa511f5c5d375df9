import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";

/**
 * Serves /metrics and KServe's health addresses /v2/health/live and /v2/health/ready over HTTP.
 * @returns HOST:PORT and how to stop
 */
export async function serveHttp(options: {
  host: string;
  port: number;
  metrics: Registry;
  isReady: () => boolean;
}): Promise<{ address: string; stop(): void }> {
  const { host, port, metrics, isReady } = options;
  const server = createServer(async (request, response) => {
    const path = request.url?.replace(/\?.*/, "");
    if (path === "/metrics") {
      response.setHeader("content-type", metrics.contentType).end(await metrics.metrics());
      return;
    }
    if (path === "/v2/health/live") response.statusCode = 200;
    else if (path === "/v2/health/ready") response.statusCode = isReady() ? 200 : 400;
    else response.statusCode = 404;
    response.end();
  });
  server.listen(port, host);
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    address: `${host}:${address.port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
