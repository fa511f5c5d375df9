import type { Redis } from "ioredis";
import { reasonGroups } from "../../capture/reasons.ts";
import { readVerdictCounts, type VerdictCount } from "../../pipeline/verdict-counts.ts";
import type { Failures } from "../contract/ops-failures.ts";
import { judge } from "./alarm.ts";
import { failureChecks } from "./checks.ts";

const fiveMinutesMs = 300_000;
const hourMs = 3_600_000;

/** What could not be processed or came too late, by reason. @throws Error when Redis does not answer */
export async function readFailures(redis: Redis, nowMs: number): Promise<Failures> {
  const [lately, hour] = await Promise.all([
    readVerdictCounts(redis, fiveMinutesMs, nowMs),
    readVerdictCounts(redis, hourMs, nowMs),
  ]);
  const verdicts = { fiveMinutes: sumOf(lately), hour: sumOf(hour) };
  const checks = failureChecks({
    verdicts: verdicts.fiveMinutes,
    unprocessable: sumOf(lately.filter(({ verdict }) => verdict === "unprocessable")),
    expired: sumOf(lately.filter(({ verdict }) => verdict === "expired")),
  });
  const reasons = hour.flatMap(({ verdict, reason, count }): Failures["reasons"] => {
    if (reason === null || (verdict !== "unprocessable" && verdict !== "expired")) return [];
    const now = lately.find((each) => each.verdict === verdict && each.reason === reason);
    return [{ verdict, reason, words: wordsOf(reason), fiveMinutes: now?.count ?? 0, hour: count }];
  });
  return {
    at: new Date(nowMs).toISOString(),
    reasons: reasons.sort((a, b) => b.hour - a.hour),
    verdicts,
    level: judge(undefined, checks, nowMs).level,
  };
}

const words: Readonly<Record<string, string>> = Object.assign({}, ...Object.values(reasonGroups));

const wordsOf = (reason: string) => words[reason] ?? "";
const sumOf = (counts: readonly VerdictCount[]) => counts.reduce((sum, { count }) => sum + count, 0);
