import { CommandError } from "./exit.ts";

/** For a person at a terminal: a Redis that does not answer, in a sentence; any other error as it is. */
export function inWordsIfAway(error: unknown): Error {
  const known = error instanceof Error ? error : new Error(String(error));
  const away = /max retries per request|timed out|Connection is closed/i.test(known.message);
  return away ? new CommandError("Redis does not answer: REDIS_URL says where it is looked for") : known;
}
