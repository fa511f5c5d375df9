/**
 * `briareus top`: looks once a second, until it is ended.
 *
 *     connecting ──Redis answers──► showing ──Redis is away──► showing what was last known ──► showing …
 *         └──it does not within 5 s──► an error
 */
import { createLogUpdate } from "log-update";
import { connectRedis } from "../redis/connection.ts";
import { createContext } from "./context.ts";
import { createTopReader, type TopFigures } from "./read-top.ts";
import { inWordsIfAway } from "./redis-away.ts";
import { stopSignal } from "./stop-signal.ts";
import { type Move, renderTop } from "./top-board.ts";

export interface TopOptions {
  once?: boolean;
  json?: boolean;
}

const everyMs = 1_000;
/** Rates are what two looks differ by that are so long apart. */
const ratesMs = 2_100;
const answerMs = 5_000;
const keptMoves = 6;
const usualWidth = 120;

/** @throws CommandError */
export async function runTop({ once, json }: TopOptions): Promise<void> {
  const { settings } = createContext("top");
  const overrides = { maxRetriesPerRequest: 2, commandTimeout: answerMs };
  const redis = connectRedis(settings.redisUrl, { role: "client", overrides });
  const read = createTopReader(redis, settings.captures.deadlineMs);
  try {
    await read(Date.now());
    if (once || !(json || process.stdout.isTTY)) {
      await pause(ratesMs);
      const figures = await read(Date.now());
      console.log(
        json ? JSON.stringify(figures, null, 2) : renderTop(figures, [], process.stdout.columns ?? usualWidth),
      );
    } else await follow(read, json ? printLine : liveBoard());
  } catch (error) {
    throw inWordsIfAway(error);
  } finally {
    redis.disconnect();
  }
}

type Show = (figures: TopFigures, moves: readonly Move[], trouble: string | undefined) => void;

async function follow(read: (nowMs: number) => Promise<TopFigures>, show: Show): Promise<void> {
  let ended = false;
  const ending = stopSignal(["SIGINT", "SIGTERM", "SIGHUP"]).then(() => {
    ended = true;
  });
  process.stdout.on("error", () => process.exit(0)); // `| head`: whoever read has enough.
  let last: TopFigures | undefined;
  let moves: Move[] = [];
  while (!ended) {
    try {
      const figures = await read(Date.now());
      moves = [...(last ? movesBetween(last, figures) : []), ...moves].slice(0, keptMoves);
      last = figures;
      show(figures, moves, undefined);
    } catch (error) {
      const { message } = inWordsIfAway(error);
      if (last) show(last, moves, `${message}; this is from ${last.state.at}`);
    }
    await Promise.race([ending, pause(everyMs)]);
  }
}

function movesBetween(before: TopFigures, now: TopFigures): Move[] {
  return now.state.pools.flatMap(({ stage, replicas }, index) => {
    const [from, to] = [before.state.pools[index]?.replicas.wanted ?? null, replicas.wanted];
    if (from === null || to === null || from === to) return [];
    return [{ atMs: Date.parse(now.state.at), stage, from, to, reason: replicas.reason ?? "" }];
  });
}

function liveBoard(): Show {
  const update = createLogUpdate(process.stdout);
  return (figures, moves, trouble) => {
    const board = renderTop(figures, moves, process.stdout.columns ?? usualWidth);
    update(`${board}\n${trouble ?? "Ctrl-C ends"}`);
  };
}

const printLine: Show = (figures, _moves, trouble) => {
  console.log(JSON.stringify(trouble === undefined ? figures : { trouble }));
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
