/**
 * `briareus publish`: captures of pictures that somebody names.
 *
 *     publishing, so many at a time ──► all done ──► summary
 *            └──Ctrl-C, or nothing happens for too long──┘
 */
import { randomUUID } from "node:crypto";
import { type Verdict, type VerdictKind, verdictKinds } from "../capture/verdict.ts";
import { subscribeToVerdicts, type VerdictSubscription } from "../producer/verdict-subscription.ts";
import { CommandError, exitCodes } from "./exit.ts";
import { listPictures, type NamedPicture } from "./picture-list.ts";
import { openPictureSession, type PictureSession } from "./picture-session.ts";
import { createVerdictPrinter } from "./verdict-printer.ts";

export interface PublishOptions {
  stream: string;
  wait?: boolean;
  json?: boolean;
  timeout: number;
  serveHost: string;
}

/** Few enough that the last of them is far from its deadline on a slow machine, enough to fill batches. */
const heldPictures = 256;
const publishedAtOnce = 64;

/** @returns the exit code */
export async function runPublish(args: readonly string[], options: PublishOptions): Promise<number> {
  const { pictures, skipped } = await listPictures(args);
  if (skipped.length > 0) note(`skipped ${skipped.length} not named like pictures: ${listed(skipped)}`);
  const session = await openPictureSession("publish", {
    ...options,
    limits: { pictures: heldPictures, bytes: Number.POSITIVE_INFINITY },
    until: options.wait ? "released" : "fetched",
  });
  try {
    return options.wait
      ? await publishAndWait(pictures, options, session)
      : await publishUntilFetched(pictures, options, session);
  } finally {
    await session.close();
  }
}

async function publishAndWait(pictures: NamedPicture[], options: PublishOptions, session: PictureSession) {
  const printer = createVerdictPrinter(
    pictures.map(({ name }) => name),
    { json: options.json, write: print },
  );
  const waiting = new Map<string, NamedPicture>();
  const missing = new Set(pictures);
  const counts = new Map<VerdictKind, number>();
  const verdicts = await subscribe(options, session, (verdict) => {
    const picture = waiting.get(verdict.captureId);
    if (!picture) return; // Another publisher's, or one that came twice.
    waiting.delete(verdict.captureId);
    missing.delete(picture);
    counts.set(verdict.verdict, (counts.get(verdict.verdict) ?? 0) + 1);
    printer.verdict(picture.name, verdict);
    session.captures.release(verdict.captureId);
  });
  try {
    await publishAll(pictures, options, session, (captureId, picture) => {
      waiting.set(captureId, picture);
      return session.captures.publish({ captureId, ...picture });
    });
  } finally {
    await verdicts.close();
  }
  for (const { name } of missing) printer.missing(name);
  const kinds = verdictKinds.filter((kind) => counts.has(kind)).map((kind) => `${counts.get(kind)} ${kind}`);
  if (missing.size > 0) kinds.push(`${missing.size} without a verdict`);
  note(`${plural(pictures.length)} of stream ${options.stream}: ${kinds.join(", ")}`);
  return missing.size > 0 ? exitCodes.incomplete : exitCodes.ok;
}

async function publishUntilFetched(pictures: NamedPicture[], options: PublishOptions, session: PictureSession) {
  const { captures } = session;
  await publishAll(pictures, options, session, async (captureId, picture) => {
    await captures.publish({ captureId, ...picture });
    if (options.json) print(JSON.stringify({ picture: picture.name, captureId }));
  });
  const left = pictures.length - captures.released();
  const fetched = left > 0 ? `, ${left} of them not fetched when this command ended` : "";
  note(`${plural(pictures.length)} published as captures of stream ${options.stream}${fetched}`);
  return left > 0 ? exitCodes.incomplete : exitCodes.ok;
}

/** Resolves when all are done with, or when the session ends before. @throws what publishing throws */
async function publishAll(
  pictures: NamedPicture[],
  { stream }: PublishOptions,
  { captures, ended }: PictureSession,
  publish: (captureId: string, picture: NamedPicture) => Promise<void>,
): Promise<void> {
  const queue = pictures.values(); // Each publisher below takes the next one.
  let over = false;
  const publishSome = async () => {
    for (const picture of queue) {
      if (over) return;
      await publish(`${stream}-${randomUUID()}`, picture);
    }
  };
  const all = Promise.all(Array.from({ length: publishedAtOnce }, publishSome)).then(() => captures.empty());
  await Promise.race([all, ended]).finally(() => {
    over = true;
  });
}

const subscribeMs = 10_000;
const unreachable = [4, 14];
const notFound = 5;

function subscribe(
  { stream, timeout }: PublishOptions,
  { pubsub }: PictureSession,
  onVerdict: (verdict: Verdict) => void,
): Promise<VerdictSubscription> {
  const { project, verdictsTopic: topic, emulatorHost } = pubsub;
  const timeoutMs = Math.min(timeout, subscribeMs);
  return subscribeToVerdicts({ project, topic, streamId: stream, timeoutMs }, onVerdict).catch((error) => {
    const where = emulatorHost ? `Pub/Sub at ${emulatorHost}` : "Pub/Sub";
    const askDoctor = "is the system running? `briareus doctor` tells more";
    if (unreachable.includes(error.code)) throw new CommandError(`${where} does not answer: ${askDoctor}`);
    if (error.code === notFound) throw new CommandError(`${where} has no topic "${topic}": ${askDoctor}`);
    throw error;
  });
}

const print = (line: string) => void process.stdout.write(`${line}\n`);
const note = (line: string) => void process.stderr.write(`${line}\n`);
const plural = (count: number) => `${count} ${count === 1 ? "picture" : "pictures"}`;
const listed = (names: readonly string[]) => names.slice(0, 3).join(", ") + (names.length > 3 ? " …" : "");
