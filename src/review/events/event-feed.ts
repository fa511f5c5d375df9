/**
 * One look at the database for all readers of a process, every 400 ms, and the last minutes of what it found for readers
 * who come back.
 *
 *     readers ─► following ─(none for two minutes)─► idle: changes are passed over, nothing can be resumed ─(reader)─► …
 */
import { isDeepStrictEqual } from "node:util";
import type { Lifecycle } from "../../pipeline/lifecycle.ts";
import type { ReviewEvent } from "../contract/events.ts";
import type { Waiting } from "../contract/hold.ts";
import { createDuty } from "../duty.ts";
import type { ReviewContext } from "../review-context.ts";
import { type ChangedRows, createChangeReader } from "./changed-rows.ts";
import { createEventLog, type LoggedEvent } from "./event-log.ts";
import { eventsOf } from "./events-of.ts";

export interface EventReader {
  /** null: no person, who therefore has no holds. */
  userId: string | null;
  take(event: LoggedEvent): void;
}

export interface EventFeed extends Lifecycle {
  /**
   * Hands on what comes, beginning with what a reader missed after `lastEventId`, or with `reset` if that cannot be had.
   * @returns the id to resume from if nothing comes, and what stops it
   */
  follow(reader: EventReader, lastEventId: string | undefined): { head: string; stop(): void };
}

const everyMs = 400;
const waitingEveryMs = 1_000;
const keepMs = 180_000;
const maxEvents = 20_000;
const idleAfterMs = 120_000;
/** Whoever missed more is better off reading everything anew; so is everybody when as much changes at once. */
const mostAtOnce = 2_000;

/** @param readWaiting what waits, for the bar */
export function createEventFeed(
  context: ReviewContext,
  readWaiting: (context: ReviewContext) => Promise<Waiting>,
): EventFeed {
  const events = createEventLog({ keepMs, maxEvents });
  const changes = createChangeReader();
  const readers = new Set<EventReader>();
  const told = new Map<number, number>();
  let lastReaderAtMs = Number.NEGATIVE_INFINITY;
  let waiting: { now: Waiting | null; atMs: number; stale: boolean } = { now: null, atMs: 0, stale: true };
  /** Changes were found and could not be told: readers must read everything anew. */
  let lost = false;

  const isIdle = () => readers.size === 0 && Date.now() - lastReaderAtMs > idleAfterMs;
  const publish = (event: ReviewEvent, onlyFor?: string) => {
    const logged = events.append(event, Date.now(), onlyFor);
    for (const reader of readers) hand(reader, logged);
  };
  const publishWaiting = async (changed: ChangedRows) => {
    waiting.stale ||= changed.incidents.length > 0;
    const nowMs = Date.now();
    if (!waiting.stale || nowMs - waiting.atMs < waitingEveryMs) return;
    const now = await readWaiting(context);
    if (!isDeepStrictEqual(now, waiting.now)) publish({ type: "waiting", waiting: now });
    waiting = { now, atMs: nowMs, stale: false };
  };
  const look = async () => {
    const changed = await changes.read(context.db);
    if (isIdle()) {
      events.clear();
      waiting.stale = true;
      return;
    }
    if (lost || changed.incidents.length + changed.decisions.length > mostAtOnce) {
      events.clear();
      publish({ type: "reset" });
      lost = false;
    } else {
      for (const { event, onlyFor } of await eventsOf(context, changed, told)) publish(event, onlyFor);
    }
    await publishWaiting(changed);
  };
  const duty = createDuty({
    name: "live updates",
    everyMs,
    log: context.log,
    now: context.now,
    run: () =>
      look().catch((error) => {
        lost = true;
        throw error;
      }),
  });

  return {
    ...duty,
    follow(reader, lastEventId) {
      lastReaderAtMs = Date.now();
      const missed = lastEventId === undefined ? [] : events.after(lastEventId);
      if (missed && missed.length <= mostAtOnce) for (const event of missed) hand(reader, event);
      else reader.take({ id: events.head(), event: { type: "reset" }, onlyFor: null });
      // It is told of when it changes, and who comes anew has not heard of it.
      if (waiting.now && (lastEventId === undefined || missed === undefined))
        reader.take({ id: events.head(), event: { type: "waiting", waiting: waiting.now }, onlyFor: null });
      readers.add(reader);
      return {
        head: events.head(),
        stop() {
          readers.delete(reader);
          lastReaderAtMs = Date.now();
        },
      };
    },
  };
}

function hand(reader: EventReader, logged: LoggedEvent): void {
  if (logged.onlyFor === null || logged.onlyFor === reader.userId) reader.take(logged);
}
