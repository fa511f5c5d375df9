import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { registry } from "./metrics.ts";

export interface ObservedHealth {
  live: boolean;
  ready: boolean;
  detail: string;
}

/**
 * Serves `/metrics` (Prometheus), `/livez` (503: restart this process) and `/readyz` (503: send it no work).
 * @throws the listen error, EADDRINUSE say
 */
export async function serveObservability(
  address: { host: string; port: number },
  health: () => Promise<ObservedHealth>,
): Promise<{ port: number; close(): void }> {
  const server = createServer(async (request, response) => {
    const path = request.url?.split("?")[0];
    if (path === "/metrics") {
      response.writeHead(200, { "content-type": registry.contentType }).end(await registry.metrics());
    } else if (path === "/livez" || path === "/readyz") {
      const { live, ready, detail } = await health();
      const good = path === "/livez" ? live : ready;
      response.writeHead(good ? 200 : 503, { "content-type": "text/plain" }).end(`${detail}\n`);
    } else {
      response.writeHead(404).end("there are /metrics, /livez and /readyz\n");
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(address.port, address.host, resolve);
  });
  server.unref();
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
