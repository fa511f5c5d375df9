import type { Writable } from "node:stream";
import type { LoggedEvent } from "./event-log.ts";

/** A reader who leaves this much lying for so long is let go, and resumes when it can. */
const slackBytes = 1 << 20;
const slackMs = 5_000;
/** More is kept for nobody. What one look at the database finds is less: a burst alone lets no reader go. */
const maxBufferedBytes = 8 << 20;
/** Proxies cut silent connections, and a comment shows which readers are gone. */
const heartbeatMs = 15_000;
const retryMs = 1_000;

export interface EventStream {
  send(event: LoggedEvent): void;
  /** Begins with the id that a reader resumes from if nothing comes. */
  begin(id: string): void;
  end(): void;
}

/**
 * Writes server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * @param onHeartbeat asked every 15 s whether the reader may go on
 */
export function createEventStream(output: Writable, onHeartbeat: () => Promise<boolean>): EventStream {
  let fullSinceMs: number | undefined;
  const write = (text: string) => {
    if (output.destroyed || output.writableEnded) return;
    const waiting = output.writableLength;
    const fullMs = fullSinceMs === undefined ? 0 : Date.now() - fullSinceMs;
    if (waiting > maxBufferedBytes || (waiting > slackBytes && fullMs > slackMs)) output.destroy();
    else if (!output.write(text)) fullSinceMs ??= Date.now();
  };
  output.on("drain", () => {
    fullSinceMs = undefined;
  });
  const timer = setInterval(async () => {
    // While the database is away nobody is sent away: what cannot be asked cannot have been revoked.
    if (await onHeartbeat().catch(() => true)) write(": still here\n\n");
    else output.end();
  }, heartbeatMs);
  output.once("close", () => clearInterval(timer));
  return {
    begin: (id) => write(`retry: ${retryMs}\nid: ${id}\n\n`),
    send: ({ id, event }) => write(`id: ${id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
    end: () => output.end(),
  };
}
