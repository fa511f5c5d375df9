/** The tuning in Redis, and its log: who changed what, and why. */
import type { Redis } from "ioredis";
import { keyPrefix } from "../queues.ts";
import type { KnownLimits, TuningChange } from "./merge-change.ts";
import { changed, kept, type NextTuning, putBack, ranOut, restored, reverted, type Step } from "./next-tuning.ts";
import { Tuning, TuningLogEntry, tuningAt, untuned } from "./tuning.ts";
import { TuningError } from "./tuning-error.ts";

export const tuningKey = `${keyPrefix}:tuning`;
const logKey = `${keyPrefix}:tuning-log`;
const mostEntries = 1_000;

/** Which version it was made from, by whom, and why. */
export interface TuningStep {
  expectedVersion: number;
  who: string;
  why: string;
}

/** All but `read` and `log` throw TuningError and then have changed nothing; all throw Error when Redis does not answer. */
export interface TuningStore {
  /** What is in force; a trial whose time is over is taken back. */
  read(nowMs?: number): Promise<Tuning>;
  /** @param change.defaults the deployment's limits where they are known, so that none is crossed */
  change(change: TuningStep & { stages: TuningChange; trialMs?: number; defaults?: KnownLimits }): Promise<Tuning>;
  keep(step: TuningStep): Promise<Tuning>;
  revert(step: TuningStep): Promise<Tuning>;
  /** Brings an earlier version back as a new one. */
  restore(step: TuningStep & { version: number; defaults?: KnownLimits }): Promise<Tuning>;
  /** Newest first. */
  log(count: number): Promise<TuningLogEntry[]>;
  /** Puts back what this process knows where Redis has lost it, or has something older. */
  putBack(known: Tuning): Promise<void>;
}

/** Writes document and entry only if the version is still the expected one. ARGV: expected, document, entry. */
const write = `
local stored = redis.call('GET', KEYS[1])
local version = stored and cjson.decode(stored).version or 0
if version ~= tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('LPUSH', KEYS[2], ARGV[3])
redis.call('LTRIM', KEYS[2], 0, ${mostEntries - 1})
return 1
`;

/** Writes where nothing is stored, or what was found is still there. ARGV: what was found or '', document, entry. */
const replace = `
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('LPUSH', KEYS[2], ARGV[3])
redis.call('LTRIM', KEYS[2], 0, ${mostEntries - 1})
return 1
`;

/** @param now milliseconds since 1970 */
export function tuningStore(redis: Redis, now: () => number = Date.now): TuningStore {
  const written = async ({ tuning, entry }: NextTuning): Promise<boolean> => {
    const texts = [JSON.stringify(tuning), JSON.stringify(entry)];
    return (await redis.eval(write, 2, tuningKey, logKey, tuning.version - 1, ...texts)) === 1;
  };

  const read = async (nowMs = now()): Promise<Tuning> => {
    for (;;) {
      const stored = parseTuning(await redis.get(tuningKey)) ?? untuned;
      const at = tuningAt(stored, nowMs);
      if (at === stored) return stored;
      // Where another was quicker, what it wrote is read.
      if (await written(ranOut(stored, at))) return at;
    }
  };

  const log = async (count: number): Promise<TuningLogEntry[]> => {
    const texts = await redis.lrange(logKey, 0, count - 1);
    return texts.flatMap((text) => TuningLogEntry.safeParse(JSON.parse(text)).data ?? []);
  };

  const take = async (
    { expectedVersion, who, why }: TuningStep,
    make: (current: Tuning, step: Step) => NextTuning | Promise<NextTuning>,
  ): Promise<Tuning> => {
    const nowMs = now();
    const current = await read(nowMs);
    if (current.version !== expectedVersion) throw await stale(expectedVersion, current);
    const made = await make(current, { who, why, nowMs });
    if (await written(made)) return made.tuning;
    throw await stale(expectedVersion, await read(nowMs));
  };

  const stale = async (yours: number, current: Tuning) => {
    const [last] = await log(1);
    const by = last?.version === current.version ? `, by ${last.who}: "${last.why}"` : "";
    const words = `the change was made from version ${yours}, but version ${current.version} is in force${by}; nothing was changed`;
    return new TuningError("stale-tuning", words, { yours, current });
  };

  const stagesOf = async (version: number) => {
    if (version === 0) return {};
    const entry = (await log(mostEntries)).find((each) => each.version === version);
    if (entry) return entry.stages;
    throw new TuningError("unknown-version", `the log holds no version ${version}`);
  };

  return {
    read,
    log,
    change: (change) => take(change, (current, step) => changed(current, change, step)),
    keep: (step) => take(step, kept),
    revert: (step) => take(step, reverted),
    restore: (step) =>
      take(step, async (current, taken) => {
        const earlier = { version: step.version, stages: await stagesOf(step.version) };
        return restored(current, earlier, step.defaults, taken);
      }),
    async putBack(known) {
      const text = await redis.get(tuningKey);
      const found = parseTuning(text);
      if (found && (found.version >= known.version || found.atMs >= known.atMs)) return;
      const texts = [JSON.stringify(known), JSON.stringify(putBack(found, known, now()))];
      await redis.eval(replace, 2, tuningKey, logKey, text ?? "", ...texts);
    },
  };
}

/** undefined: nothing was ever tuned. @throws TuningError `unreadable-tuning` */
export function parseTuning(text: string | null): Tuning | undefined {
  if (text === null) return undefined;
  try {
    return Tuning.parse(JSON.parse(text));
  } catch {
    throw new TuningError(
      "unreadable-tuning",
      `the tuning in Redis (${tuningKey}) cannot be read: another release wrote it, or a hand. Without that key all is at its defaults`,
    );
  }
}
