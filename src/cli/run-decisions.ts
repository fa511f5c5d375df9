import { openDatabase } from "../review/database/connection.ts";
import { followDecisions } from "../review/decisions/follow-decisions.ts";
import { latestDecisions } from "../review/decisions/latest-decisions.ts";
import { type AppContext, createContext } from "./context.ts";
import { createDecisionPrinter, type DecisionPrinter } from "./decision-printer.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { stopSignal } from "./stop-signal.ts";

export interface DecisionsOptions {
  follow?: boolean;
  subscription?: string;
  last: number;
  json?: boolean;
}

const subscribeMs = 10_000;
/** A decision that comes again after so many others is printed again: a run without end must not grow. */
const remembered = 10_000;

/** @returns the exit code */
export async function runDecisions(options: DecisionsOptions): Promise<number> {
  if (options.subscription !== undefined && !options.follow) {
    throw new CommandError("--subscription goes with --follow", exitCodes.usage);
  }
  // `… | head` has seen enough.
  process.stdout.on("error", () => process.exit(exitCodes.ok));
  const context = createContext("decisions");
  const printer = createDecisionPrinter({ json: options.json, write: (line) => process.stdout.write(`${line}\n`) });
  if (options.follow) await follow(context, options, printer);
  else await list(context, options.last, printer);
  return exitCodes.ok;
}

async function list({ settings, log }: AppContext, last: number, printer: DecisionPrinter): Promise<void> {
  const db = openDatabase(settings.database.url, { log, connections: 1 });
  try {
    const latest = await latestDecisions(db, last).catch((error) => Promise.reject(databaseTrouble(error)));
    for (const { message, state } of latest.toReversed()) printer.print(message, state);
    if (latest.length === 0) note("nobody has decided anything yet");
  } finally {
    await db.destroy();
  }
}

async function follow(
  { settings: { pubsub } }: AppContext,
  { subscription }: DecisionsOptions,
  printer: DecisionPrinter,
): Promise<void> {
  const stopped = stopSignal(["SIGINT", "SIGTERM", "SIGHUP"]);
  const seen = new Set<string>();
  const { project, decisionsTopic: topic, emulatorHost } = pubsub;
  const following = await followDecisions(
    { project, topic, subscription, timeoutMs: subscribeMs },
    {
      decision(decision) {
        if (seen.has(decision.decisionId)) return;
        seen.add(decision.decisionId);
        const [oldest] = seen;
        if (seen.size > remembered && oldest !== undefined) seen.delete(oldest);
        printer.print(decision);
      },
      other: ({ id }) => note(`message ${id} on the topic is no decision of a version that this program knows`),
    },
  ).catch((error) => Promise.reject(pubSubTrouble(error, topic, emulatorHost)));
  note(`waiting for decisions on the topic ${topic}; Ctrl-C ends it`);
  await stopped;
  await following.close();
}

const unreachable: unknown[] = [4, 14];
const notFound = 5;
const askDoctor = "is the system running? `briareus doctor` tells more";

function pubSubTrouble(error: { code?: unknown }, topic: string, emulatorHost: string | undefined): unknown {
  const where = emulatorHost ? `Pub/Sub at ${emulatorHost}` : "Pub/Sub";
  if (unreachable.includes(error.code)) return new CommandError(`${where} does not answer: ${askDoctor}`);
  if (error.code === notFound) return new CommandError(`${where} has no topic "${topic}": ${askDoctor}`);
  return error;
}

const noSuchTable = "42P01";

function databaseTrouble(error: unknown): CommandError {
  const [first] = error instanceof AggregateError ? error.errors : [error];
  const { code, message } = first as { code?: unknown; message?: unknown };
  if (code === noSuchTable)
    return new CommandError("the database has no reviews yet: `briareus review` makes its tables");
  return new CommandError(`the database cannot be read (${message}): ${askDoctor}`);
}

const note = (line: string) => void process.stderr.write(`${line}\n`);
