/** The console as people meet it: the review service with its database, its pictures and the topic of decisions. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Selectable } from "kysely";
import type { Page } from "playwright-core";
import type { PersonActor } from "../../src/review/access/actor.ts";
import { openSession } from "../../src/review/access/sessions.ts";
import type { DecisionMessage } from "../../src/review/contract/decision.ts";
import type { Database } from "../../src/review/database/schema.ts";
import { storeVerdicts } from "../../src/review/intake/store-verdicts.ts";
import { defaultTiming, type ReviewContext, type ReviewTiming } from "../../src/review/review-context.ts";
import { createReviewService } from "../../src/review/review-service.ts";
import { startReview, type TestReview } from "../review.ts";
import type { Desk } from "./chromium.ts";
import { type DecisionTopic, startDecisionTopic } from "./decision-topic.ts";
import { type StreamShow, verdictsOf } from "./stream-show.ts";

export type LocalRole = "moderator" | "lead" | "admin";

export interface Site {
  url: string;
  context: ReviewContext;
  review: TestReview;
  topic: DecisionTopic;
  /** Decisions that the platform has received. */
  decisions(): readonly DecisionMessage[];
  /** What is stored of decisions, undone ones too, the oldest first. */
  stored(): Promise<Selectable<Database["decisions"]>[]>;
  /** Moves the service's clock forward: holds and undo windows end. */
  advance(ms: number): void;
  /** Stores flagged frames of a stream as the pipeline's verdicts. @returns the incident that they belong to */
  show(streamId: string, facts?: StreamShow): Promise<number>;
  close(): Promise<void>;
}

export interface SiteOptions {
  timing?: Partial<ReviewTiming>;
  context?: Partial<ReviewContext>;
  /** Another server than the one in this process: gets what it needs and gives its address. */
  serve?: (parts: SiteParts) => Promise<Server>;
}

export interface SiteParts {
  review: TestReview;
  topic: DecisionTopic;
  timing: ReviewTiming;
}

export interface Server {
  url: string;
  close(): Promise<void>;
}

const consoleFolder = fileURLToPath(new URL("../../src/console/dist", import.meta.url));

/** @throws Error when the console was never built */
export async function openSite(options: SiteOptions = {}): Promise<Site> {
  if (!existsSync(`${consoleFolder}/index.html`)) throw new Error("the console is not built: npm run setup");
  const timing = { ...defaultTiming, ...options.timing };
  const topic = await startDecisionTopic();
  let aheadMs = 0;
  const review = await startReview({ context: { now: () => Date.now() + aheadMs, timing, ...options.context } });
  const server = await (options.serve ?? serveHere)({ review, topic, timing });
  let shown = 0;
  return {
    url: server.url,
    context: review.context,
    review,
    topic,
    decisions: () => topic.published.map(({ decision }) => decision),
    stored: () => review.context.db.selectFrom("decisions").selectAll().orderBy("decided_at").execute(),
    advance(ms) {
      aheadMs += ms;
    },
    async show(streamId, facts = {}) {
      shown += 1;
      await storeVerdicts(review.context, await verdictsOf(review.context.evidence, streamId, shown, facts));
      const { id } = await review.context.db
        .selectFrom("incidents")
        .select("id")
        .where("stream_id", "=", streamId)
        .orderBy("id", "desc")
        .executeTakeFirstOrThrow();
      return id;
    },
    async close() {
      await server.close();
      await topic.close();
      await review.close();
    },
  };
}

/** The service closes its database when it stops, so it gets one of its own. */
export async function serveHere({ review, topic, timing }: SiteParts): Promise<Server> {
  const own = await startReview({ url: review.url, context: { ...review.context, timing } });
  const service = createReviewService(
    { ...review.context, db: own.context.db },
    {
      host: "127.0.0.1",
      port: 0,
      consoleFolder,
      pubsub: topic.settings,
    },
  );
  await service.start();
  return {
    url: service.url(),
    async close() {
      await service.stop();
    },
  };
}

/** Signs in by the one click that is offered on the machine itself, and waits for the page. */
export async function signIn(site: Pick<Site, "url">, page: Page, role: LocalRole, path = "/review"): Promise<void> {
  await page.goto(`${site.url}/auth/sign-in?${new URLSearchParams({ returnTo: path })}`);
  await page.getByRole("button", { name: `Sign in as ${role}` }).click();
  await page.waitForURL(`${site.url}${path}`);
  await page.locator(".bar").waitFor();
}

/** A session for somebody who is not one of the people that the one click signs in. */
export async function signInAs(site: Site, desk: Desk, person: PersonActor, path = "/review"): Promise<void> {
  const value = await openSession(site.context.db, person.id, site.context.now());
  await desk.context.addCookies([{ name: "briareus_session", value, url: site.url }]);
  await desk.page.goto(site.url + path);
  await desk.page.locator(".bar").waitFor();
}
