import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** The network between a browser and the server: it can be cut, and answers can get lost on it. */
export interface Road {
  url: string;
  /** Ends every connection and refuses new ones, until `mend`. */
  cut(): void;
  /** Requests still arrive, and no answer comes back, until `mend`. */
  loseAnswers(): void;
  mend(): void;
  close(): void;
}

/** @param port where the server listens, on this machine */
export async function startRoad(port: number): Promise<Road> {
  let state: "open" | "cut" | "answers lost" = "open";
  const sockets = new Set<Socket>();
  const pair = (one: Socket, other: Socket) => {
    sockets.add(one);
    one.on("error", () => other.destroy());
    one.on("close", () => {
      sockets.delete(one);
      other.destroy();
    });
  };
  const server = createServer((browser) => {
    if (state === "cut") return browser.destroy();
    const inner = connect(port, "127.0.0.1");
    pair(browser, inner);
    pair(inner, browser);
    browser.on("data", (bytes) => inner.write(bytes));
    inner.on("data", (bytes) => state !== "answers lost" && browser.write(bytes));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the road has no port");
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut() {
      state = "cut";
      endAll();
    },
    loseAnswers() {
      state = "answers lost";
    },
    mend() {
      // What was lost on a connection does not come back on it.
      if (state === "answers lost") endAll();
      state = "open";
    },
    close() {
      endAll();
      server.close();
    },
  };
}
