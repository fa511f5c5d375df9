/** Review's HTTP API on a real database. Most tests need no socket: they ask the server in this process. */
import type { InjectOptions } from "fastify";
import type { CaptureInput } from "../src/producer/publisher.ts";
import { createKey } from "../src/review/access/api-keys.ts";
import type { Oidc } from "../src/review/access/oidc.ts";
import type { Role, Scope } from "../src/review/access/roles.ts";
import { openSession } from "../src/review/access/sessions.ts";
import type { Api } from "../src/review/api/api.ts";
import type { rateLimits } from "../src/review/api/rate-limits.ts";
import { createReviewServer } from "../src/review/api/server.ts";
import { createEventFeed, type EventFeed } from "../src/review/events/event-feed.ts";
import { readWaiting } from "../src/review/incidents/waiting.ts";
import type { OpsParts } from "../src/review/ops/ops-parts.ts";
import { startReview, type TestReview } from "./review.ts";

export type Answer = Awaited<ReturnType<Api["inject"]>>;
/** Asks as one person or key; a person's CSRF token goes along unless the headers say otherwise. */
export type Caller = ((method: Method, url: string, body?: unknown, headers?: Headers) => Promise<Answer>) & {
  headers: Headers;
};
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Headers = Record<string, string>;

export interface TestApi {
  app: Api;
  review: TestReview;
  events: EventFeed;
  /** Captures that were published; an entry of `refuse` is an id that Pub/Sub does not take. */
  published: string[];
  /** The same, whole. */
  publishedCaptures: CaptureInput[];
  refuse: Set<string>;
  anybody: Caller;
  person(role: Role, name?: string, scopes?: Scope[]): Promise<Caller & { id: string }>;
  key(scopes: Scope[], days?: number): Promise<Caller & { id: string }>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TestApiOptions {
  host?: string;
  publicUrl?: string;
  oidc?: Oidc;
  consoleFolder?: string;
  trustedProxies?: string[];
  limits?: Partial<typeof rateLimits>;
  review?: TestReview;
  ops?: OpsParts;
}

/** Names are unique, also where several servers share a database. */
let people = 0;

export async function startReviewApi(options: TestApiOptions = {}): Promise<TestApi> {
  const review = options.review ?? (await startReview());
  const { context } = review;
  const events = createEventFeed(context, readWaiting);
  const published: string[] = [];
  const publishedCaptures: CaptureInput[] = [];
  const refuse = new Set<string>();
  const captures = {
    async publish(capture: CaptureInput) {
      const { captureId } = capture;
      if (refuse.has(captureId)) throw new Error(`Pub/Sub did not take ${captureId}`);
      published.push(captureId);
      publishedCaptures.push(capture);
      return captureId;
    },
  };
  const { host = "127.0.0.1", publicUrl = "http://127.0.0.1:8080", oidc, consoleFolder = "/nowhere", ops } = options;
  const app = await createReviewServer(
    { context, host, publicUrl: () => publicUrl, oidc, events, captures, ops },
    { ...options, consoleFolder },
  );
  const caller = (own: Headers): Caller =>
    Object.assign(
      (method: Method, url: string, body?: unknown, headers: Headers = {}) => {
        const request: InjectOptions = { method, url, headers: { ...own, ...headers } };
        if (body !== undefined) request.payload = Object(body);
        return app.inject(request);
      },
      { headers: own },
    );
  return {
    app,
    review,
    events,
    published,
    publishedCaptures,
    refuse,
    anybody: caller({}),
    async person(role, name, scopes = []) {
      people += 1;
      const actor = await review.addUser(name ?? `${role} ${people}`, role);
      if (scopes.length > 0) await context.db.updateTable("users").set({ scopes }).where("id", "=", actor.id).execute();
      const cookie = `briareus_session=${await openSession(context.db, actor.id, context.now())}`;
      const { csrf } = await context.db
        .selectFrom("sessions")
        .select("csrf")
        .where("user_id", "=", actor.id)
        .executeTakeFirstOrThrow();
      return Object.assign(caller({ cookie, "x-csrf-token": csrf }), { id: actor.id });
    },
    async key(scopes, days = 30) {
      const request = { name: scopes.join(" "), scopes, expiresInDays: days };
      const { id, secret } = await createKey(context.db, request, null, context.now());
      return Object.assign(caller({ authorization: `Bearer ${secret}` }), { id });
    },
    async [Symbol.asyncDispose]() {
      await events.stop();
      await app.close();
      if (!options.review) await review.close();
    },
  };
}
