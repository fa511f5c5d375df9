/**
 * The review process: API and console, and the duties behind them.
 *
 *     listening ─► tables up to date, as soon as the database answers ─► duties run ─► asked to stop: requests and
 *     rounds under way end, nothing new begins
 */
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import type { Health, Lifecycle } from "../pipeline/lifecycle.ts";
import { createPublisher } from "../producer/publisher.ts";
import { createOidc, type OidcSettings } from "./access/oidc.ts";
import { sweepSessions } from "./access/sessions.ts";
import type { Api } from "./api/api.ts";
import { createReviewServer, type ReviewServerOptions } from "./api/server.ts";
import { migrateToLatest } from "./database/migrate.ts";
import { createDecisionPublisher } from "./decisions/decision-publisher.ts";
import { createReplyForgetting } from "./decisions/forget-replies.ts";
import { createOutbox } from "./decisions/outbox.ts";
import { createDuty } from "./duty.ts";
import { createEventFeed } from "./events/event-feed.ts";
import { createRetentionSweep } from "./evidence/retention.ts";
import { createHoldExpiry } from "./holds/expire-holds.ts";
import { createReprioritiser } from "./incidents/reprioritise.ts";
import { readWaiting } from "./incidents/waiting.ts";
import { createIntake } from "./intake/intake.ts";
import { type OpsOptions, openOps } from "./ops/open-ops.ts";
import type { ReviewContext } from "./review-context.ts";

export interface ReviewServiceOptions extends ReviewServerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  publicUrl?: string;
  oidc?: OidcSettings;
  /** The pipeline that people with the scope ops look after; absent: none. */
  pipeline?: Omit<OpsOptions, "log" | "now">;
  pubsub: {
    project: string;
    capturesTopic: string;
    verdictsTopic: string;
    decisionsTopic: string;
    reviewSubscription: string;
  };
}

export interface ReviewService extends Lifecycle {
  /** Where people reach it; known once it listens. */
  url(): string;
}

const migrationPauseMs = 1_000;
const sessionSweepMs = 3_600_000;
/** A caller waits no longer for Pub/Sub to confirm. */
const publishMs = 15_000;
/** Requests that are under way get so long when the process stops. */
const closeMs = 8_000;

export function createReviewService(context: ReviewContext, options: ReviewServiceOptions): ReviewService {
  const { db, log, now } = context;
  const { host, pubsub } = options;
  const { project } = pubsub;
  const captures = createPublisher({
    projectId: project,
    topic: pubsub.capturesTopic,
    timeoutMs: publishMs,
  });
  const decisions = createDecisionPublisher({ project, topic: pubsub.decisionsTopic });
  const events = createEventFeed(context, readWaiting);
  const ops = options.pipeline && openOps({ ...options.pipeline, log, now });
  const sweep = async () => void (await sweepSessions(db, now()));
  const duties: Lifecycle[] = [
    createIntake(context, { project, topic: pubsub.verdictsTopic, subscription: pubsub.reviewSubscription }),
    createReprioritiser(context),
    createHoldExpiry(context),
    createOutbox(context, decisions),
    createRetentionSweep(context),
    createReplyForgetting(context),
    events,
    ...(ops ? [ops.sampler] : []),
    createDuty({ name: "session sweep", everyMs: sessionSweepMs, log, now, run: sweep }),
  ];
  const stopping = new AbortController();
  let app: Api | undefined;
  let migrated = false;

  const url = () => {
    if (options.publicUrl) return options.publicUrl;
    const { port } = (app?.server.address() ?? { port: options.port }) as AddressInfo;
    return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  };
  const migrate = async () => {
    while (!stopping.signal.aborted) {
      try {
        await migrateToLatest(db);
        migrated = true;
        return;
      } catch (error) {
        log.warn({ err: error instanceof Error ? error.message : String(error) }, "the tables cannot be made yet");
        await sleep(migrationPauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };

  return {
    url,
    async start() {
      if (app) return;
      const oidc = options.oidc && createOidc(options.oidc, log);
      app = await createReviewServer(
        { context, host, publicUrl: url, oidc, events, captures, ops: ops?.parts },
        options,
      );
      await app.listen({ host, port: options.port }).catch(async (error: unknown) => {
        // Its connections would keep a process alive that has nothing to serve.
        await ops?.stop();
        throw error;
      });
      log.info({ url: url() }, "review listens");
      await migrate();
      if (stopping.signal.aborted) return;
      for (const duty of duties) await duty.start();
    },
    async stop() {
      if (stopping.signal.aborted) return;
      stopping.abort();
      const closed = app?.close().catch((error: Error) => log.warn({ err: error.message }, "closing failed"));
      await Promise.race([closed, sleep(closeMs, undefined, { ref: false })]);
      await Promise.all(duties.map((duty) => duty.stop()));
      await Promise.all([captures.close(), decisions.close(), ops?.stop()]);
      await db.destroy();
    },
    async health(): Promise<Health> {
      if (!migrated) return { live: true, ready: false, detail: "waits for the database" };
      const answers = await sql`select 1`.execute(db).then(
        () => true,
        () => false,
      );
      if (!answers) return { live: true, ready: false, detail: "the database does not answer" };
      const states = await Promise.all(duties.map((duty) => duty.health()));
      return {
        live: states.every(({ live }) => live),
        ready: states.every(({ ready }) => ready),
        detail: states.map(({ detail }) => detail).join("; "),
      };
    },
  };
}
