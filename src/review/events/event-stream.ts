import type { Writable } from "node:stream";
import type { LoggedEvent } from "./event-log.ts";

/** What a reader has not taken yet is kept up to here; then the connection ends, and it resumes when it can. */
const maxBufferedBytes = 1 << 20;
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
  const write = (text: string) => {
    if (output.destroyed || output.writableEnded) return;
    if (output.writableLength > maxBufferedBytes) output.destroy();
    else output.write(text);
  };
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
