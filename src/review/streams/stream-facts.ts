/** What captures tell of their stream, and which of two accounts holds. */
import type { Verdict } from "../../capture/verdict.ts";
import { storableText } from "../intake/storable.ts";

/** A stream as review knows it. Times are milliseconds since 1970. */
export interface StreamState {
  live: boolean;
  viewers: number | null;
  title: string | null;
  streamerId: string | null;
  startedAtMs: number | null;
  endedAtMs: number | null;
  /** When the newest thing that is known of it was so. */
  lastSeenAtMs: number;
}

/** What one capture, or the platform, says of a stream; what is undefined it does not speak of. */
export interface StreamNews {
  atMs: number;
  live?: boolean;
  viewers?: number;
  title?: string;
  streamerId?: string;
  startedAtMs?: number;
}

export const unknownStream = (lastSeenAtMs: number): StreamState => ({
  live: true,
  viewers: null,
  title: null,
  streamerId: null,
  startedAtMs: null,
  endedAtMs: null,
  lastSeenAtMs,
});

const maxTitle = 1024;
const maxStreamerId = 256;
const mostViewers = 2 ** 31 - 1;

/** The attributes that review understands; what is malformed is as if it were not there. */
export function newsOf(attributes: Verdict["attributes"], takenAtMs: number): StreamNews {
  const { viewers, title, streamerId, streamStartedAt, live } = attributes;
  const startedAtMs = readTimeMs(streamStartedAt);
  return {
    atMs: takenAtMs,
    live: live?.trim().toLowerCase() !== "false",
    ...(viewers !== undefined && /^\d+$/.test(viewers) ? { viewers: Math.min(Number(viewers), mostViewers) } : {}),
    ...(title ? { title: storableText(title.slice(0, maxTitle)) } : {}),
    ...(streamerId && streamerId.length <= maxStreamerId ? { streamerId: storableText(streamerId) } : {}),
    ...(startedAtMs === undefined ? {} : { startedAtMs }),
  };
}

/**
 * The stream after some news, in whatever order they come: what was seen later holds. News from before what is known
 * only fill gaps.
 */
export function withNews(state: StreamState, news: readonly StreamNews[]): StreamState {
  return news.toSorted((a, b) => a.atMs - b.atMs).reduce(withOne, state);
}

function withOne(state: StreamState, news: StreamNews): StreamState {
  const older = news.atMs < state.lastSeenAtMs;
  const choose = <Fact>(known: Fact | null, told: Fact | undefined) =>
    (older ? (known ?? told) : (told ?? known)) ?? null;
  const live = older ? state.live : (news.live ?? state.live);
  return {
    live,
    viewers: choose(state.viewers, news.viewers),
    title: choose(state.title, news.title),
    streamerId: choose(state.streamerId, news.streamerId),
    startedAtMs: choose(state.startedAtMs, news.startedAtMs),
    endedAtMs: live ? null : (state.endedAtMs ?? news.atMs),
    lastSeenAtMs: Math.max(state.lastSeenAtMs, news.atMs),
  };
}

/** Years of four digits: Postgres reads no others as ISO 8601. */
const latestMs = Date.parse("9999-12-31T23:59:59.999Z");

/** Milliseconds since 1970 of an ISO 8601 time from then on; undefined for what is none. */
export function readTimeMs(text: string | null | undefined): number | undefined {
  const ms = Date.parse(text ?? "");
  return ms >= 0 && ms <= latestMs ? ms : undefined;
}
