import { PubSub } from "@google-cloud/pubsub";
import { Redis } from "ioredis";
import type { BlobStore } from "../blobs/blob-store.ts";
import { openBlobStore } from "../blobs/open-blob-store.ts";
import { createInferenceClient } from "../inference/grpc-inference-client.ts";
import { TuningError } from "../pipeline/tuning/tuning-error.ts";
import { labelMismatch } from "../policy/label-mismatch.ts";
import type { AppContext } from "./context.ts";
import { askDatabase } from "./diagnose-database.ts";
import { diagnoseScaling } from "./diagnose-scaling.ts";
import { inWordsIfAway } from "./redis-away.ts";

export interface Diagnosis {
  what: string;
  good: boolean;
  detail: string;
  /** What to do about it; of something good, what may be done. */
  advice?: string;
}

const answerMs = 5_000;

/** Asks everything that the system needs, all at once; never throws. */
export async function diagnose(context: AppContext): Promise<Diagnosis[]> {
  const { settings } = context;
  const { pubsub, inference } = settings;
  const scaling = askScaling(settings.redisUrl, settings.captures.deadlineMs);
  const cluster = process.env.KUBECONFIG ? askCluster() : [];
  const found = await Promise.all([
    ask("Redis", () => askRedis(settings.redisUrl), "start it, or set REDIS_URL"),
    ask(
      "database",
      () => askDatabase(settings.database.url),
      "start it, or set DATABASE_URL to a database in which the role may create tables",
    ),
    ask("topic captures", () => askTopic(pubsub.project, pubsub.capturesTopic), createTopic(pubsub.capturesTopic)),
    ask("topic verdicts", () => askTopic(pubsub.project, pubsub.verdictsTopic), createTopic(pubsub.verdictsTopic)),
    ask("topic decisions", () => askTopic(pubsub.project, pubsub.decisionsTopic), createTopic(pubsub.decisionsTopic)),
    ask(
      "subscription of ingress",
      () => askSubscription(pubsub.project, pubsub.capturesSubscription, pubsub.capturesTopic),
      `gcloud pubsub subscriptions create ${pubsub.capturesSubscription} --topic ${pubsub.capturesTopic} --ack-deadline 10 (with an emulator, ingress creates it)`,
    ),
    ...inference.models.map((model) =>
      ask(
        `model ${model}`,
        () => askModel(context, model),
        "start the model server with this model loaded, or set BRIAREUS_MODEL_SERVER",
      ),
    ),
    ask("policy", async () => `version ${(await context.policy()).version}`, "mend the file, or set BRIAREUS_POLICY"),
    ask("blob store", () => askBlobs(() => context.blobs), "check BRIAREUS_BLOBS and the rights on it"),
    ask(
      "evidence store",
      () => askBlobs(() => openBlobStore(settings.blobs.evidenceUrl)),
      "check BRIAREUS_EVIDENCE and the rights on it",
    ),
  ]);
  return [...found, ...(await scaling), ...(await cluster)];
}

/** The Kubernetes client takes a second to load, which nobody shall wait for who has no cluster. */
async function askCluster(): Promise<Diagnosis[]> {
  const { configuredCluster, diagnoseKeda } = await import("./diagnose-keda.ts");
  const { diagnoseServing } = await import("./diagnose-serving.ts");
  return (await Promise.all([diagnoseKeda(configuredCluster), diagnoseServing(configuredCluster)])).flat();
}

/** Several findings, or the one that they cannot be had. */
async function askScaling(redisUrl: string, deadlineMs: number): Promise<Diagnosis[]> {
  try {
    return await diagnoseScaling(redisUrl, deadlineMs);
  } catch (error) {
    const advice =
      error instanceof TuningError
        ? "run the release that wrote it, or remove the key"
        : "mend Redis first: pools and scaler speak by it";
    return [{ what: "scaling", good: false, detail: inWordsIfAway(error).message, advice }];
  }
}

const createTopic = (topic: string) => `gcloud pubsub topics create ${topic} (with an emulator, ingress creates it)`;

async function ask(what: string, question: () => Promise<string>, advice: string): Promise<Diagnosis> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${answerMs / 1000} s`)), answerMs);
  });
  try {
    return { what, good: true, detail: await Promise.race([question(), limit]) };
  } catch (error) {
    return { what, good: false, detail: error instanceof Error ? error.message : String(error), advice };
  } finally {
    clearTimeout(timer);
  }
}

async function askRedis(url: string): Promise<string> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2_000 });
  let trouble: Error | undefined; // Says what happened; the promise says only that the connection is closed.
  redis.on("error", (error: Error) => {
    trouble = error;
  });
  try {
    await redis.connect().catch((error: Error) => {
      throw trouble ?? error;
    });
    const version = /redis_version:(\S+)/.exec(await redis.info("server"))?.[1] ?? "unknown";
    const policy = /maxmemory_policy:(\S+)/.exec(await redis.info("memory"))?.[1];
    if (policy !== "noeviction") {
      throw new Error(`maxmemory-policy is ${policy}, so it may drop jobs: set it to noeviction`);
    }
    return `version ${version}, never evicts`;
  } finally {
    redis.disconnect();
  }
}

/** @throws Error when Google's credentials are wanted and missing, which the client itself would not survive */
async function openPubSub(project: string): Promise<PubSub> {
  const pubsub = new PubSub({ projectId: project });
  if (!process.env.PUBSUB_EMULATOR_HOST) await pubsub.auth.getClient();
  return pubsub;
}

async function askTopic(project: string, name: string): Promise<string> {
  const [metadata] = await (await openPubSub(project)).topic(name).getMetadata();
  return String(metadata.name);
}

async function askSubscription(project: string, name: string, topic: string): Promise<string> {
  const [metadata] = await (await openPubSub(project)).subscription(name).getMetadata();
  if (!metadata.topic?.endsWith(`/topics/${topic}`))
    throw new Error(`it belongs to ${metadata.topic}, not to ${topic}`);
  if (metadata.enableMessageOrdering)
    throw new Error("it is ordered: one slow capture would hold back its whole stream");
  return String(metadata.name);
}

async function askModel(context: AppContext, model: string): Promise<string> {
  const client = createInferenceClient({ address: context.settings.inference.address });
  try {
    const { versions, labels } = await client.metadata(model, { signal: AbortSignal.timeout(answerMs) });
    const wrong = labelMismatch(await context.policy(), model, labels);
    if (wrong) throw new Error(wrong);
    return `version ${versions.join(", ")}, labels ${labels.join(", ")}`;
  } finally {
    client.close();
  }
}

async function askBlobs(open: () => BlobStore): Promise<string> {
  const store = open();
  const ref = await store.put(Buffer.from("doctor"), { ttlMs: 60_000 });
  const bytes = await store.get(ref);
  await store.delete([ref]);
  await store.close();
  return `wrote, read and deleted ${bytes.length} bytes`;
}
