/** Who may call what: the list of routes comes from the server, so a new one without a line here fails. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Role, roles, type Scope, scopes } from "../../src/review/access/roles.ts";
import type { Access } from "../../src/review/access/route-access.ts";
import { type Caller, startReviewApi, type TestApi } from "../review-api.ts";
import { addIncident } from "../review-incidents.ts";

/** Method, address, and whom it serves: what docs/access.md says. */
const expected: Record<string, Access> = {
  "GET /auth/sign-in": "public",
  "GET /auth/callback": "public",
  "POST /auth/local": "public",
  "POST /auth/sign-out": { role: "viewer" },
  "GET /v1/me": { role: "viewer" },
  "PATCH /v1/me/preferences": { role: "viewer" },
  "GET /v1/me/exposure": { role: "viewer" },
  "GET /v1/me/decisions": { role: "moderator" },
  "POST /v1/reveals": { role: "viewer" },
  "POST /v1/holds/claim-next": { role: "moderator" },
  "POST /v1/holds/heartbeat": { role: "moderator" },
  "POST /v1/holds/release": { role: "moderator" },
  "GET /v1/incidents": { role: "viewer", scope: "read" },
  "GET /v1/incidents/:id": { role: "viewer", scope: "read" },
  "GET /v1/incidents/:id/frames": { role: "viewer", scope: "read" },
  "GET /v1/incidents/:id/activity": { role: "viewer", scope: "read" },
  "POST /v1/incidents/:id/take": { role: "moderator" },
  "POST /v1/incidents/:id/decision": { role: "moderator" },
  "POST /v1/incidents/:id/escalate": { role: "moderator" },
  "POST /v1/incidents/:id/skip": { role: "moderator" },
  "POST /v1/decisions/:id/undo": { role: "moderator" },
  "POST /v1/incidents/:id/reopen": { role: "lead" },
  "POST /v1/incidents/:id/legal-hold": { role: "lead" },
  "POST /v1/incidents/bulk-close": { role: "lead" },
  "POST /v1/incidents/assign": { role: "lead" },
  "GET /v1/frames/:captureId/picture": { role: "viewer" },
  "GET /v1/frames/:captureId/thumbnail": { role: "viewer" },
  "GET /v1/events": { role: "viewer", scope: "read" },
  "GET /v1/quality": { role: "viewer", scope: "read" },
  "GET /v1/activity": { role: "lead" },
  "GET /v1/activity/export": { role: "admin", scope: "export" },
  "POST /v1/captures": { scope: "ingest" },
  "PUT /v1/streams/:streamId": { scope: "ingest" },
  "GET /v1/keys": { role: "admin" },
  "POST /v1/keys": { role: "admin" },
  "DELETE /v1/keys/:id": { role: "admin" },
  "GET /v1/users": { role: "lead" },
  "PATCH /v1/users/:id": { role: "admin" },
  "GET /v1/settings/:name": { role: "viewer" },
  "PUT /v1/settings/:name": { role: "admin" },
  "POST /v1/settings/retention/preview": { role: "admin" },
  "GET /v1/ops/state": { role: "admin", scope: "ops" },
  "GET /v1/ops/history": { role: "admin", scope: "ops" },
  "GET /v1/ops/failures": { role: "admin", scope: "ops" },
  "GET /v1/ops/models": { role: "admin", scope: "ops" },
  "GET /v1/ops/unprocessable": { role: "admin", scope: "ops" },
  "GET /v1/ops/unprocessable/:id/picture": { role: "admin", scope: "ops" },
  "POST /v1/ops/redrive/preview": { role: "admin", scope: "ops" },
  "POST /v1/ops/redrive": { role: "admin", scope: "ops" },
  "GET /v1/ops/tuning": { role: "admin", scope: "ops" },
  "GET /v1/ops/tuning/log": { role: "admin", scope: "ops" },
  "POST /v1/ops/tuning": { role: "admin", scope: "ops" },
  "POST /v1/ops/tuning/preview": { role: "admin", scope: "ops" },
  "POST /v1/ops/tuning/keep": { role: "admin", scope: "ops" },
  "POST /v1/ops/tuning/revert": { role: "admin", scope: "ops" },
  "POST /v1/ops/tuning/restore": { role: "admin", scope: "ops" },
  "GET /openapi.json": "public",
  "GET /livez": "public",
  "GET /readyz": "public",
  // The console: any address that nothing above takes, and its assets; Fastify prints the two as one.
  "GET *": "public",
};
const guarded = Object.entries(expected).flatMap(([route, access]) =>
  access === "public" ? [] : [{ route, access: access as Exclude<Access, "public"> }],
);
const guardedByRole = guarded.filter(({ access }) => access.role !== undefined);
const changing = guardedByRole.filter(({ route }) => !route.startsWith("GET "));
/** The streams of events would never end. */
const finite = guarded.filter(({ route }) => route !== "GET /v1/events");

let api: TestApi;
const people = new Map<Role, Caller>();
beforeAll(async () => {
  api = await startReviewApi({ limits: { failures: 10_000 } });
  for (const role of roles) people.set(role, await api.person(role));
});
afterAll(() => api[Symbol.asyncDispose]());

function ask(caller: Caller, route: string, headers: Record<string, string> = {}) {
  const [method = "", path = ""] = route.split(" ");
  const url = path
    .replace(":name", "retention")
    .replace(/^(.*\/(keys|users|decisions))\/:id/, "$1/00000000-0000-4000-8000-000000000000")
    .replace(":id", "1")
    .replace(/:\w+/, "something");
  const body = method === "GET" || method === "DELETE" ? undefined : {};
  return caller(method as "GET", url, body, headers);
}
const person = (role: Role): Caller => people.get(role) ?? api.anybody;
const codeOf = async (answer: Promise<{ body: string }>): Promise<string> => JSON.parse((await answer).body).code;

test("every route of the server is known here", () => {
  expect(routesOf(api.app.printRoutes({ commonPrefix: false })).toSorted()).toEqual(Object.keys(expected).toSorted());
});

/** Fastify prints a tree, four characters to each level: `├── /v1/incidents (GET)`. */
function routesOf(tree: string): string[] {
  const path: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent, part = "", methods] = /^(.*?[├└]── )(.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
    if (indent === undefined) return [];
    path.splice(indent.length / 4 - 1, Number.POSITIVE_INFINITY, part);
    return (methods ?? "").split(", ").flatMap((method) => (method ? [`${method} ${path.join("")}`] : []));
  });
}

describe.each(guarded)("$route", ({ route, access }) => {
  test("refuses a caller without credentials", async () => {
    expect(await codeOf(ask(api.anybody, route))).toBe("not-signed-in");
  });

  test("refuses made-up, expired and revoked keys", async () => {
    const scope: Scope = access.scope ?? "read";
    const madeUp = { authorization: `Bearer brk_${"A".repeat(43)}` };
    expect(await codeOf(ask(api.anybody, route, madeUp))).toBe("not-signed-in");
    expect(await codeOf(ask(api.anybody, route, { authorization: "Basic YTpi" }))).toBe("not-signed-in");
    const { db, now } = api.review.context;
    const expired = await api.key([scope]);
    await db
      .updateTable("api_keys")
      .set({ expires_at: new Date(now()) })
      .where("id", "=", expired.id)
      .execute();
    expect(await codeOf(ask(expired, route))).toBe("not-signed-in");
    const revoked = await api.key([scope]);
    await db
      .updateTable("api_keys")
      .set({ revoked_at: new Date(now()) })
      .where("id", "=", revoked.id)
      .execute();
    expect(await codeOf(ask(revoked, route))).toBe("not-signed-in");
  });

  test("refuses a key with every scope but its own", async () => {
    const others = scopes.filter((scope) => scope !== access.scope);
    expect(await codeOf(ask(await api.key(others), route))).toBe("forbidden");
  });

  test("refuses every role below its own", async () => {
    const below = access.role ? roles.slice(0, roles.indexOf(access.role)) : roles;
    for (const role of below) expect(await codeOf(ask(person(role), route)), role).toBe("forbidden");
  });
});

test.each(finite)("$route lets those in that it serves", async ({ route, access }) => {
  const callers = [
    ...(access.role ? roles.slice(roles.indexOf(access.role)).map(person) : []),
    ...(access.scope ? [await api.key([access.scope])] : []),
  ];
  if (route === "POST /auth/sign-out")
    return expect((await ask(await api.person("viewer"), route)).statusCode).toBe(200);
  for (const caller of callers) {
    const { statusCode, body } = await ask(caller, route);
    expect([401, 403, 500], body).not.toContain(statusCode);
  }
});

test.each(changing)(
  "$route refuses a cookie without its CSRF token, with a wrong one, and with another's",
  async ({ route }) => {
    const another = person("viewer").headers["x-csrf-token"] ?? "";
    const body = route.endsWith("release") ? { tokens: [1] } : {};
    for (const token of ["", "wrong", another]) {
      const [method = "", path = ""] = route.split(" ");
      const url = path
        .replace(":name", "retention")
        .replace(/(keys|users|decisions)\/:id/, "$1/00000000-0000-4000-8000-000000000000")
        .replace(":id", "1");
      const answer = person("admin")(method as "POST", url, method === "DELETE" ? undefined : body, {
        "x-csrf-token": token,
      });
      expect(await codeOf(answer), token).toBe("csrf-failed");
    }
  },
);

test("a beacon gives holds back with the CSRF token in its body, and only with the right one", async () => {
  const moderator = await api.person("moderator");
  const { "x-csrf-token": csrf = "", cookie = "" } = moderator.headers;
  const beacon = (csrf?: string) => api.anybody("POST", "/v1/holds/release", { tokens: [1], csrf }, { cookie });
  expect((await beacon(csrf)).statusCode).toBe(204);
  expect(await codeOf(beacon("wrong"))).toBe("csrf-failed");
  expect(await codeOf(beacon())).toBe("csrf-failed");
});

test("a route that declares no access cannot be registered", async () => {
  await using other = await startReviewApi({ review: api.review });
  expect(() => other.app.route({ method: "GET", url: "/v1/forgotten", handler: () => "open" })).toThrow(
    /GET \/v1\/forgotten does not declare its access/,
  );
});

describe("another person's hold", () => {
  test("is decided, escalated, skipped and renewed by nobody else", async () => {
    const id = await addIncident(api.review.context);
    const [owner, other] = [await api.person("moderator"), await api.person("admin")];
    const { token } = (await owner("POST", `/v1/incidents/${id}/take`, {})).json();
    const act = (path: string, body: object, key: string) =>
      other("POST", `/v1/incidents/${id}/${path}`, { token, ...body }, { "idempotency-key": key });
    const decision = { outcome: "no-violation", seenThrough: 1 };
    expect(await codeOf(act("decision", decision, "other-decides"))).toBe("stale-hold");
    expect(await codeOf(act("escalate", { note: "mine now" }, "other-escalates"))).toBe("stale-hold");
    expect(await codeOf(act("skip", { reason: "unsure" }, "other-skips"))).toBe("stale-hold");
    const { holds } = (await other("POST", "/v1/holds/heartbeat", { tokens: [token] })).json();
    expect(holds.every(({ expiresAt }: { expiresAt: string | null }) => expiresAt === null)).toBe(true);
    await other("POST", "/v1/holds/release", { tokens: [token] });
    const mine = (await owner("POST", "/v1/holds/heartbeat", { tokens: [token] })).json();
    expect(mine.holds[0].expiresAt).not.toBeNull();
  });

  test("is taken over by leads, not by moderators", async () => {
    const id = await addIncident(api.review.context);
    const take = (caller: Caller, takeOver: boolean) => caller("POST", `/v1/incidents/${id}/take`, { takeOver });
    await take(await api.person("moderator"), false);
    expect(await codeOf(take(await api.person("moderator"), true))).toBe("held-by-another");
    expect((await take(await api.person("lead"), true)).statusCode).toBe(200);
  });
});

describe("sessions", () => {
  test("end with their time, with the sign-out, and with their person's access", async () => {
    const [late, leaving, shutOut] = [
      await api.person("viewer"),
      await api.person("viewer"),
      await api.person("viewer"),
    ];
    const { db, now } = api.review.context;
    await db
      .updateTable("sessions")
      .set({ expires_at: new Date(now()) })
      .where("user_id", "=", late.id)
      .execute();
    expect((await late("GET", "/v1/me")).statusCode).toBe(401);

    const left = await leaving("POST", "/auth/sign-out", {});
    expect(left.headers["set-cookie"]).toMatch(/^briareus_session=;/);
    expect((await leaving("GET", "/v1/me")).statusCode).toBe(401);

    const admin = person("admin");
    expect((await admin("PATCH", `/v1/users/${shutOut.id}`, { disabled: true })).json()).toMatchObject({
      disabled: true,
    });
    expect((await shutOut("GET", "/v1/me")).statusCode).toBe(401);
  });

  test("are kept as hashes: what the table holds opens nothing", async () => {
    const { cookie = "" } = person("admin").headers;
    const rows = await api.review.context.db.selectFrom("sessions").select("hash").execute();
    for (const encoding of ["hex", "base64url", "latin1"] as const)
      expect(rows.some(({ hash }) => cookie.includes(hash.toString(encoding)))).toBe(false);
    const stolen = rows[0]?.hash.toString("base64url");
    expect((await api.anybody("GET", "/v1/me", undefined, { cookie: `briareus_session=${stolen}` })).statusCode).toBe(
      401,
    );
  });
});

describe("people's rights", () => {
  test("count from the next request on, and nobody takes their own away", async () => {
    const [admin, subject] = [await api.person("admin"), await api.person("viewer")];
    expect((await subject("GET", "/v1/activity")).statusCode).toBe(403);
    await admin("PATCH", `/v1/users/${subject.id}`, { role: "lead", scopes: ["restricted"] });
    expect((await subject("GET", "/v1/activity")).statusCode).toBe(200);
    expect((await subject("GET", "/v1/me")).json().user).toMatchObject({ role: "lead", scopes: ["restricted"] });
    expect((await admin("PATCH", `/v1/users/${admin.id}`, { role: "viewer" })).statusCode).toBe(409);
    expect((await admin("PATCH", `/v1/users/${admin.id}`, { disabled: true })).statusCode).toBe(409);
    const { items } = (await admin("GET", "/v1/activity?limit=5")).json();
    expect(items.find(({ kind }: { kind: string }) => kind === "user-changed")).toMatchObject({
      details: { id: subject.id, from: { role: "viewer" }, to: { role: "lead", scopes: ["restricted"] } },
    });
  });
});

describe("keys", () => {
  test("are shown once, kept as hashes, listed without their secret, and gone when revoked", async () => {
    const admin = await api.person("admin");
    const made = await admin("POST", "/v1/keys", { name: "encoders", scopes: ["ingest"], expiresInDays: 10 });
    expect(made.statusCode).toBe(201);
    const { id, secret, expiresAt } = made.json();
    expect(secret).toMatch(/^brk_[\w-]{43}$/);
    expect(Date.parse(expiresAt)).toBe(api.review.context.now() + 10 * 86_400_000);
    expect((await admin("GET", "/v1/keys")).body).not.toContain(secret.slice(4));

    const tell = () => api.anybody("PUT", "/v1/streams/s", { live: true }, { authorization: `Bearer ${secret}` });
    expect((await tell()).statusCode).toBe(204);
    expect((await admin("DELETE", `/v1/keys/${id}`)).statusCode).toBe(204);
    expect((await tell()).statusCode).toBe(401);
    expect((await admin("DELETE", `/v1/keys/${id}`)).statusCode).toBe(404);
    const kinds = (await admin("GET", "/v1/activity?limit=10")).json().items.map(({ kind }: { kind: string }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(["key-created", "key-revoked"]));
  });

  test("say when they were last used, to the minute", async () => {
    const [admin, key] = [person("admin"), await api.key(["read"])];
    const lastUsed = async (): Promise<string> =>
      (await admin("GET", "/v1/keys")).json().find(({ id }: { id: string }) => id === key.id).lastUsedAt;
    expect(await lastUsed()).toBeNull();
    await key("GET", "/v1/incidents");
    const first = await lastUsed();
    expect(Date.parse(first)).toBe(api.review.context.now());
    api.review.advance(59_000);
    await key("GET", "/v1/incidents");
    expect(await lastUsed()).toBe(first);
    api.review.advance(1_000);
    await key("GET", "/v1/incidents");
    expect(Date.parse(await lastUsed())).toBe(api.review.context.now());
  });

  test("act as viewers with the scope read, and are told nothing of anybody's pictures", async () => {
    const key = await api.key(["read"]);
    expect((await key("GET", "/v1/quality")).statusCode).toBe(200);
    expect((await key("GET", "/v1/me")).statusCode).toBe(403);
    expect((await key("GET", "/v1/frames/c/picture")).statusCode).toBe(403);
  });
});
