/** Whether the server can be reached, in the words of the bar: a short gap says nothing, five seconds say "lost". */
import { computed } from "@preact/signals";
import { type StreamState, streamState } from "./event-stream.ts";
import { answers, noteUnreachable } from "./request.ts";
import { tickMs } from "./server-clock.ts";

export type Connection = "connected" | "connecting" | "lost";

const lostAfterMs = 5_000;

/** `stream` and `requests` tell since when each is as it is; all times are on this machine's clock. */
export function connectionAt(
  stream: { state: StreamState; atMs: number },
  requests: { answeredAtMs: number; failingSinceMs: number | null },
  nowMs: number,
): Connection {
  const { answeredAtMs, failingSinceMs } = requests;
  if (failingSinceMs === null && stream.state === "open") return "connected";
  // A request that was answered after the stream broke shows that the server is there.
  const silent = stream.state !== "open" && answeredAtMs <= stream.atMs;
  const sinceMs = Math.min(failingSinceMs ?? Number.POSITIVE_INFINITY, silent ? stream.atMs : Number.POSITIVE_INFINITY);
  return nowMs - sinceMs >= lostAfterMs ? "lost" : "connecting";
}

export const connection = computed<Connection>(() => {
  tickMs.value;
  return connectionAt(streamState.value, answers.value, Date.now());
});

/** A machine without network says so at once; returns the way to stop listening. */
export function watchNetwork(): () => void {
  addEventListener("offline", noteUnreachable);
  return () => removeEventListener("offline", noteUnreachable);
}
