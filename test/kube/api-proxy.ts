/** A door before the API server that counts what goes through it, can be shut, and tells of each write before it is made. */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { request } from "node:https";
import type { AddressInfo, Socket } from "node:net";

export interface ApiProxy {
  url: string;
  /** "VERB PATH" of each write that went through, in order; leases are renewed all the time and do not count. */
  writes: string[];
  /** Called before a write goes on, and after it was answered. */
  onWrite?: (write: string, moment: "before" | "after") => void | Promise<void>;
  /** Breaks all connections and lets none in. */
  shut(): void;
  /** Answers nothing more that it is asked, and breaks nothing. */
  swallow(): void;
  open(): void;
  close(): Promise<void>;
}

/** @param cluster of a kubeconfig */
export async function startApiProxy(cluster: {
  server: string;
  "certificate-authority"?: string;
  "certificate-authority-data"?: string;
}): Promise<ApiProxy> {
  const sockets = new Set<Socket>();
  let isShut = false;
  let swallows = false;
  const file = cluster["certificate-authority"];
  const ca = file ? await readFile(file) : Buffer.from(cluster["certificate-authority-data"] ?? "", "base64");
  const proxy: ApiProxy = {
    url: "",
    writes: [],
    shut: () => {
      isShut = true;
      for (const socket of sockets) socket.destroy();
    },
    swallow: () => {
      swallows = true;
    },
    open: () => {
      isShut = false;
      swallows = false;
    },
    close: async () => {
      proxy.shut();
      await new Promise((closed) => server.close(closed));
    },
  };

  const handle = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = "GET", url = "/", headers } = incoming;
    const path = url.split("?")[0] ?? url;
    const write = method !== "GET" && !path.includes("/leases") ? `${method} ${path}` : undefined;
    if (write) await proxy.onWrite?.(write, "before");
    if (isShut) return void outgoing.destroy();
    if (swallows) return;
    const target = new URL(url, cluster.server);
    const forwarded = request(target, { method, headers: { ...headers, host: target.host }, ca }, async (answer) => {
      if (write) {
        proxy.writes.push(write);
        await proxy.onWrite?.(write, "after");
      }
      if (outgoing.destroyed) return void answer.destroy();
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
      answer.on("error", () => outgoing.destroy());
    });
    forwarded.on("error", () => outgoing.destroy());
    // A watch ends when its reader goes.
    outgoing.on("close", () => forwarded.destroy());
    incoming.pipe(forwarded);
  };

  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  server.on("connection", (socket) => {
    if (isShut) return void socket.destroy();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return proxy;
}
