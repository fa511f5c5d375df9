/**
 * Live updates over one connection per browser, however many tabs are open.
 *
 * The tab that holds the Web Lock leads: it has the EventSource and passes what comes on a BroadcastChannel; the others
 * listen. When it closes, the lock goes to another tab, which resumes after the last event that any of them has seen.
 * A stream that the server ended for good (signed out, restarted) is opened anew after a wait.
 */
import { signal } from "@preact/signals";
import type { ReviewEvent } from "../../review/contract/events.ts";
import { addressOf, noteReached } from "./request.ts";

export type StreamState = "connecting" | "open" | "broken";
type News = { kind: "event"; id: string; event: ReviewEvent } | { kind: "state"; state: StreamState; atMs: number };
/** `joined`: a tab that has just come asks the leader how things stand. */
type Message = News | { kind: "joined" };

/** Of the one stream, in every tab; `atMs` is when it became so, on this machine's clock. */
export const streamState = signal<{ state: StreamState; atMs: number }>({ state: "connecting", atMs: Date.now() });

const name = "briareus-events";
const reopenAfterMs = 2_000;
const types = ["incident", "hold-ended", "decision", "waiting", "reset"] as const satisfies ReviewEvent["type"][];
const listeners = new Set<(event: ReviewEvent) => void>();
let lastId = "";
/** What waits is told of only when it changes. */
let waitingNews: News | null = null;

/** Calls `listener` for every event until the returned function is called. */
export function onReviewEvent(listener: (event: ReviewEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Joins the tabs of this browser; returns the way to leave them. */
export function startEventStream(): () => void {
  const channel = new BroadcastChannel(name);
  const stopped = new AbortController();
  let leading = false;
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind !== "joined") return take(data);
    if (!leading) return;
    channel.postMessage({ kind: "state", ...streamState.peek() } satisfies Message);
    if (waitingNews) channel.postMessage(waitingNews);
  };
  const publish = (message: News) => {
    take(message);
    channel.postMessage(message);
  };
  channel.postMessage({ kind: "joined" } satisfies Message);
  navigator.locks
    .request(name, { signal: stopped.signal }, () => {
      leading = true;
      return lead(publish, stopped.signal);
    })
    // Stopped while it waited for the lock.
    .catch(() => {});
  return () => {
    stopped.abort();
    channel.close();
  };
}

function take(message: News): void {
  if (message.kind === "state") {
    // A stream that fails again has been broken since its first failure.
    if (message.state === streamState.peek().state) return;
    if (message.state === "open") noteReached();
    streamState.value = { state: message.state, atMs: message.atMs };
    return;
  }
  lastId = message.id || lastId;
  if (message.event.type === "waiting") waitingNews = message;
  for (const listener of listeners) listener(message.event);
}

/** Keeps a stream open until `stopped`; the lock is held as long as this promise is pending. */
function lead(publish: (message: News) => void, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (state: StreamState) => publish({ kind: "state", state, atMs: Date.now() });
    const open = () => {
      const opened = new EventSource(addressOf("/v1/events", { lastEventId: lastId || null }));
      source = opened;
      opened.onopen = () => tell("open");
      opened.onerror = () => {
        tell("broken");
        if (opened.readyState === EventSource.CLOSED) timer = setTimeout(open, reopenAfterMs);
      };
      const read = ({ data, lastEventId }: MessageEvent<string>) =>
        publish({ kind: "event", id: lastEventId, event: JSON.parse(data) });
      opened.onmessage = read;
      for (const type of types) opened.addEventListener(type, read);
    };
    stopped.addEventListener("abort", () => {
      clearTimeout(timer);
      source?.close();
      resolve();
    });
    open();
  });
}
