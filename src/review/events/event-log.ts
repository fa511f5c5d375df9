import { randomUUID } from "node:crypto";
import type { ReviewEvent } from "../contract/events.ts";

export interface LoggedEvent {
  /** What a reader says as Last-Event-ID to go on after it. */
  id: string;
  event: ReviewEvent;
  /** Id of the only person who may learn of it; null: everybody. */
  onlyFor: string | null;
}

export interface EventLog {
  append(event: ReviewEvent, atMs: number, onlyFor?: string): LoggedEvent;
  /** Id of the newest. */
  head(): string;
  /** What came after an id; undefined if that is no longer, or was never, known here. */
  after(id: string): readonly LoggedEvent[] | undefined;
  /** Forgets all: no earlier id can be resumed from. */
  clear(): void;
}

/**
 * The last minutes of events, for readers who come back. Ids hold a name of this log, so that those of another process,
 * or of this one before it was started again, are known to be foreign.
 */
export function createEventLog({ keepMs, maxEvents }: { keepMs: number; maxEvents: number }): EventLog {
  let name = newName();
  let newest = 0;
  let kept: { number: number; atMs: number; logged: LoggedEvent }[] = [];
  const idOf = (number: number) => `${name}-${number}`;
  return {
    append(event, atMs, onlyFor) {
      newest += 1;
      const logged = { id: idOf(newest), event, onlyFor: onlyFor ?? null };
      kept.push({ number: newest, atMs, logged });
      // Cut now and then, not at each event: moving a long list costs.
      const first = kept[0];
      if (kept.length > 2 * maxEvents || (first && first.atMs < atMs - 2 * keepMs))
        kept = kept.slice(-maxEvents).filter((each) => each.atMs >= atMs - keepMs);
      return logged;
    },
    head: () => idOf(newest),
    after(id) {
      const number = Number(id.slice(name.length + 1));
      const oldest = kept[0]?.number ?? newest + 1;
      if (id !== idOf(number) || number > newest || number < oldest - 1) return undefined;
      return kept.slice(number - oldest + 1).map(({ logged }) => logged);
    },
    clear() {
      name = newName();
      newest = 0;
      kept = [];
    },
  };
}

const newName = () => randomUUID().slice(0, 8);
