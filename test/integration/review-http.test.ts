/** What holds for every answer of the API: headers, problems, limits, the document, pages of the console. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Problem } from "../../src/review/contract/problem.ts";
import { type Answer, type Caller, startReviewApi, type TestApi } from "../review-api.ts";
import { addIncident } from "../review-incidents.ts";

let api: TestApi;
let folder: string;
let admin: Caller;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "briareus-console-"));
  mkdirSync(join(folder, "assets"));
  writeFileSync(join(folder, "index.html"), "<!doctype html><title>the console</title>");
  writeFileSync(join(folder, "icon.svg"), "<svg/>");
  writeFileSync(join(folder, "assets", "page-4f3a.js"), "export {};");
  writeFileSync(join(folder, "..", "briareus-not-the-console.txt"), "secret");
  api = await startReviewApi({ consoleFolder: folder });
  admin = await api.person("admin");
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
  rmSync(join(folder, "..", "briareus-not-the-console.txt"));
});

/** A problem to the letter of RFC 9457 and of the contract. */
function problemOf(answer: Answer): Problem {
  expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
  const problem = z.strictObject(Problem.shape).parse(answer.json());
  expect(problem.status).toBe(answer.statusCode);
  expect(problem.instance).toMatch(/^[0-9a-f-]{36}$/);
  return problem;
}
const html = { accept: "text/html,application/xhtml+xml" };

describe("every refusal is a problem", () => {
  test.each([
    ["an address that is not there", "GET", "/v1/nothing", undefined, "not-found"],
    ["a method that is not there", "DELETE", "/v1/incidents", undefined, "not-found"],
    ["an incident that is not there", "GET", "/v1/incidents/99", undefined, "not-found"],
    ["a wrong parameter", "GET", "/v1/incidents/abc", undefined, "invalid"],
    ["a wrong query", "GET", "/v1/incidents?limit=9999", undefined, "invalid"],
    ["a wrong body", "POST", "/v1/keys", { name: "", scopes: [] }, "invalid"],
    ["broken escapes", "GET", "/v1/incidents/%zz", undefined, "invalid"],
    ["a cursor that was made up", "GET", "/v1/incidents?cursor=abc", undefined, "invalid"],
  ] as const)("%s", async (_, method, url, body, code) => {
    expect(problemOf(await admin(method, url, body)).code).toBe(code);
  });

  test("names each wrong part of a request", async () => {
    const answer = await admin("POST", "/v1/keys", { name: "x".repeat(81), scopes: ["fly"], expiresInDays: 0 });
    const { errors = [] } = problemOf(answer);
    expect(errors.map(({ path }) => path).toSorted()).toEqual(["expiresInDays", "name", "scopes.0"]);
  });

  test("malformed JSON, an empty body, another type, a prototype", async () => {
    const send = (payload: string, type = "application/json") =>
      api.app.inject({
        method: "POST",
        url: "/v1/keys",
        payload,
        headers: { ...admin.headers, "content-type": type },
      });
    for (const [payload, type] of [
      ["{", undefined],
      ["", undefined],
      ["x", "text/csv"],
    ] as const)
      expect(problemOf(await send(payload, type)).code, payload).toBe("invalid");
    expect(problemOf(await send('{"__proto__":{"admin":true},"name":"a","scopes":["read"]}')).code).toBe("invalid");
  });

  test("a body above the limit, whatever it says of its length", async () => {
    const big = { name: "x".repeat(70_000), scopes: ["read"] };
    expect(problemOf(await admin("POST", "/v1/keys", big)).code).toBe("too-large");
  });

  test("a decision without an Idempotency-Key", async () => {
    const decision = { outcome: "no-violation", token: 1, seenThrough: 1 };
    const { errors } = problemOf(await admin("POST", "/v1/incidents/1/decision", decision));
    expect(errors).toContainEqual(expect.objectContaining({ path: "idempotency-key" }));
  });
});

describe("every answer", () => {
  test.each(["/v1/me", "/v1/nothing", "/", "/assets/page-4f3a.js", "/auth/sign-in", "/openapi.json"])(
    "%s carries the security headers",
    async (url) => {
      const { headers } = await api.anybody("GET", url, undefined, html);
      const policy = String(headers["content-security-policy"]).split(";");
      expect(policy).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "script-src 'self'",
          "frame-ancestors 'none'",
          "base-uri 'none'",
          "form-action 'self'",
          "require-trusted-types-for 'script'",
        ]),
      );
      expect(policy.join()).not.toMatch(/unsafe|\*|data:|https?:/);
      expect(headers).toMatchObject({
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "x-frame-options": "DENY",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(headers["x-powered-by"]).toBeUndefined();
      expect(headers.server).toBeUndefined();
      expect(headers["access-control-allow-origin"]).toBeUndefined();
    },
  );

  test("of the API is kept by no cache", async () => {
    expect((await admin("GET", "/v1/me")).headers["cache-control"]).toBe("no-store");
  });

  test("over HTTPS says so for a year, and its cookies are secure", async () => {
    await using secure = await startReviewApi({ review: api.review, publicUrl: "https://review.example" });
    expect((await secure.anybody("GET", "/v1/me")).headers["strict-transport-security"]).toContain("max-age=31536000");
    const answer = await secure.anybody("POST", "/auth/local", {});
    expect(answer.headers["set-cookie"]).toMatch(/; HttpOnly; Secure; SameSite=Lax$/);
    expect((await admin("GET", "/v1/me")).headers["strict-transport-security"]).toBeUndefined();
  });
});

describe("limits", () => {
  test("count each person for themselves, and say when to come again", async () => {
    await using limited = await startReviewApi({ review: api.review, limits: { default: 3 } });
    const [busy, calm] = [await limited.person("viewer"), await limited.person("viewer")];
    for (let request = 0; request < 3; request += 1) expect((await busy("GET", "/v1/me")).statusCode).toBe(200);
    const refused = await busy("GET", "/v1/me");
    expect(problemOf(refused).code).toBe("too-many-requests");
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect((await calm("GET", "/v1/me")).statusCode).toBe(200);
  });

  test("stop those who guess keys, by address, before anything is looked up", async () => {
    await using limited = await startReviewApi({ review: api.review, limits: { failures: 3 } });
    const guess = (remoteAddress: string) =>
      limited.app.inject({ url: "/v1/incidents", headers: { authorization: "Bearer brk_guess" }, remoteAddress });
    const colleague = await limited.person("viewer");
    expect((await colleague("GET", "/v1/me")).statusCode).toBe(200);
    const codes = [];
    for (let request = 0; request < 6; request += 1) codes.push(problemOf(await guess("192.0.2.1")).code);
    expect(codes.slice(0, 3)).toEqual(["not-signed-in", "not-signed-in", "not-signed-in"]);
    expect(codes.at(-1)).toBe("too-many-requests");
    expect(problemOf(await guess("192.0.2.2")).code).toBe("not-signed-in");
    const { headers } = colleague;
    expect((await limited.app.inject({ url: "/v1/me", headers, remoteAddress: "192.0.2.1" })).statusCode).toBe(200);
    const nobody = await limited.app.inject({ url: "/v1/me", remoteAddress: "192.0.2.1" });
    expect(problemOf(nobody).code).toBe("not-signed-in");
  });

  test("go by the address that a trusted proxy tells, and by no other's word", async () => {
    const ask = async (trustedProxies: string[]) => {
      await using behind = await startReviewApi({ review: api.review, limits: { "sign-in": 1 }, trustedProxies });
      const codes = [];
      for (const client of ["198.51.100.1", "198.51.100.2"]) {
        const headers = { "x-forwarded-for": client };
        codes.push((await behind.app.inject({ url: "/auth/sign-in", headers, remoteAddress: "10.0.0.9" })).statusCode);
      }
      return codes;
    };
    expect(await ask(["10.0.0.0/8"])).toEqual([403, 403]);
    expect(await ask([])).toEqual([403, 429]);
  });
});

describe("the document", () => {
  /** As much of OpenAPI 3.1 as the document uses; anything else is refused. */
  const Schema = z.union([z.boolean(), z.record(z.string(), z.unknown())]);
  const Media = z.record(z.string(), z.strictObject({ schema: Schema }));
  const Operation = z.strictObject({
    summary: z.string(),
    description: z.string(),
    tags: z.array(z.string()).length(1),
    security: z.array(z.partialRecord(z.enum(["session", "key"]), z.array(z.string()))),
    parameters: z
      .array(
        z.strictObject({
          name: z.string(),
          in: z.enum(["query", "path", "header"]),
          required: z.boolean(),
          description: z.string().optional(),
          schema: Schema,
        }),
      )
      .optional(),
    requestBody: z
      .strictObject({ required: z.literal(true), content: Media, description: z.string().optional() })
      .optional(),
    responses: z.record(
      z.string().regex(/^(\d{3}|default)$/),
      z.strictObject({ description: z.string().min(1), content: Media.optional() }),
    ),
  });
  const Document = z.strictObject({
    openapi: z.string().regex(/^3\.1\.\d+$/),
    info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
    servers: z.array(z.strictObject({ url: z.string() })),
    paths: z.record(
      z.string().startsWith("/"),
      z.partialRecord(z.enum(["get", "put", "post", "patch", "delete"]), Operation),
    ),
    components: z.strictObject({
      securitySchemes: z.record(z.enum(["session", "key"]), z.looseObject({ type: z.enum(["apiKey", "http"]) })),
      schemas: z.record(z.string().regex(/^[\w.-]+$/), Schema),
    }),
  });
  const read = async () => Document.parse((await api.anybody("GET", "/openapi.json")).json());

  test("is OpenAPI 3.1, and every reference in it leads somewhere", async () => {
    const document = await read();
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)].map(([, target]) => String(target));
    expect(references.length).toBeGreaterThan(50);
    const known = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect([...new Set(references)].filter((target) => !known.includes(target))).toEqual([]);
    expect(known.filter((target) => !references.includes(target))).toEqual([]);
  });

  test("has schemas that are JSON Schema (2020-12), each by itself", async () => {
    const { components } = await read();
    const $defs = JSON.parse(JSON.stringify(components.schemas).replaceAll("#/components/schemas/", "#/$defs/"));
    for (const name of Object.keys($defs)) {
      const schema = z.fromJSONSchema({ $defs, $ref: `#/$defs/${name}` });
      expect(schema.safeParse(Symbol("never valid")).success, name).toBe(name === "Nothing");
    }
  });

  test("lists every route of the API, with its parameters, and who may call it", async () => {
    const { paths } = await read();
    const tree = api.app.printRoutes({ commonPrefix: false, includeHooks: false });
    const listed = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path}`),
    );
    expect(listed.length).toBe((tree.match(/GET|POST|PUT|PATCH|DELETE/g) ?? []).length - hidden.length);
    for (const [path, operations] of Object.entries(paths)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters = [] } of Object.values(operations))
        expect(parameters.filter((each) => each.in === "path").map(({ name }) => name)).toEqual(inPath);
    }
    expect(paths["/v1/captures"]?.post?.security).toEqual([{ session: [] }, { key: ["ingest"] }]);
    expect(paths["/v1/incidents/{id}/decision"]?.post?.description).toBe(
      "Needs the role moderator. With a cookie it also needs the header `x-csrf-token`.",
    );
  });
  /** The console (two, printed as one), health, the document itself. */
  const hidden = ["GET *", "GET /livez", "GET /readyz", "GET /openapi.json"];
});

describe("the console", () => {
  test("is one page for all of its addresses, asked for each time", async () => {
    for (const url of ["/", "/queue", "/incident/7?frame=3", "/anything/else"]) {
      const answer = await api.anybody("GET", url, undefined, html);
      expect([answer.statusCode, answer.headers["cache-control"]], url).toEqual([200, "no-store"]);
      expect(answer.body).toContain("the console");
    }
  });

  test("has assets that are kept for good, and files that are looked after each time", async () => {
    const asset = await api.anybody("GET", "/assets/page-4f3a.js");
    expect(asset.headers["content-type"]).toContain("javascript");
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    const icon = await api.anybody("GET", "/icon.svg");
    expect([icon.statusCode, icon.headers["cache-control"]]).toEqual([200, "no-cache"]);
  });

  test("has no page where a program asks, nor where the API or an asset is missing", async () => {
    for (const [url, headers] of [
      ["/queue", { accept: "application/json" }],
      ["/v1/nothing", html],
      ["/auth/nothing", html],
      ["/assets/gone-0000.js", html],
    ] as const)
      expect(problemOf(await api.anybody("GET", url, undefined, headers)).code, url).toBe("not-found");
  });

  test.each([
    "/../briareus-not-the-console.txt",
    "/%2e%2e/briareus-not-the-console.txt",
    "/assets/../../briareus-not-the-console.txt",
    "/assets/..%2f..%2fbriareus-not-the-console.txt",
    "/assets/%2e%2e%5c%2e%2e%5cbriareus-not-the-console.txt",
    "/assets/%00",
  ])("leads to no file outside of it: %s", async (url) => {
    const answer = await api.anybody("GET", url);
    expect(answer.body).not.toContain("secret");
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.statusCode).toBeLessThan(500);
  });

  test("says what to do where it was never built", async () => {
    await using bare = await startReviewApi({ review: api.review });
    const answer = await bare.anybody("GET", "/", undefined, html);
    expect([answer.statusCode, answer.body.includes("npm run setup")]).toEqual([503, true]);
  });
});

describe("captures", () => {
  const capture = (captureId: string) => ({
    captureId,
    streamId: "s",
    capturedAt: "2026-03-01T12:00:00Z",
    imageUri: "https://pictures.example/1.jpg",
  });

  test("one, or a hundred, are answered when all were stored", async () => {
    const key = await api.key(["ingest"]);
    const one = await key("POST", "/v1/captures", capture("one"));
    expect([one.statusCode, one.json()]).toEqual([202, { captureIds: ["one"] }]);
    const many = Array.from({ length: 100 }, (_, index) => capture(`many-${index}`));
    expect((await key("POST", "/v1/captures", many)).json().captureIds).toHaveLength(100);
    expect(api.published).toHaveLength(101);
    expect(problemOf(await key("POST", "/v1/captures", [...many, capture("too-many")])).code).toBe("invalid");
  });

  test("that are wrong are named one by one, and none of the others is published", async () => {
    const key = await api.key(["ingest"]);
    const before = api.published.length;
    const answer = await key("POST", "/v1/captures", [capture("good"), { ...capture("bad"), imageUri: "x" }, {}]);
    const { errors = [] } = problemOf(answer);
    expect(errors.map(({ path }) => path)).toEqual(
      expect.arrayContaining(["1.imageUri", "2.captureId", "2.streamId", "2.capturedAt", "2.imageUri"]),
    );
    expect(errors.some(({ path }) => path.startsWith("0"))).toBe(false);
    expect(api.published.length).toBe(before);
  });

  test("that Pub/Sub did not store are named, so that they can be sent again", async () => {
    const key = await api.key(["ingest"]);
    api.refuse.add("lost");
    const problem = problemOf(await key("POST", "/v1/captures", [capture("kept"), capture("lost")]));
    expect(problem).toMatchObject({
      code: "unavailable",
      errors: [{ path: "1", message: "Pub/Sub did not take lost" }],
    });
  });
});

describe("acts that are sent again", () => {
  test("get the first answer, and a key of another act is refused", async () => {
    const id = await addIncident(api.review.context);
    const person = await api.person("moderator");
    const { token } = (await person("POST", `/v1/incidents/${id}/take`, {})).json();
    const decision = { outcome: "no-violation", token, seenThrough: 1 };
    const send = (body: object) =>
      person("POST", `/v1/incidents/${id}/decision`, body, { "idempotency-key": "one-act-only" });
    const answers = await Promise.all([send(decision), send(decision), send(decision)]);
    expect(new Set(answers.map(({ body }) => body)).size).toBe(1);
    expect(answers[0]?.statusCode).toBe(200);
    expect(problemOf(await send({ ...decision, note: "another" })).code).toBe("key-reused");
  });
});

test("preferences change one by one, and only within what they allow", async () => {
  const person = await api.person("viewer");
  await person("PATCH", "/v1/me/preferences", { theme: "light", keys: { dismiss: "q" } });
  await person("PATCH", "/v1/me/preferences", { undoMs: 20_000 });
  expect((await person("GET", "/v1/me")).json().preferences).toMatchObject({
    theme: "light",
    undoMs: 20_000,
    keys: { dismiss: "q" },
    singleKeys: true,
  });
  expect(problemOf(await person("PATCH", "/v1/me/preferences", { undoMs: 1 })).code).toBe("invalid");
});

test("the activity log leaves as a file, and the log says so", async () => {
  const csv = await admin("GET", "/v1/activity/export?format=csv");
  expect(csv.headers).toMatchObject({
    "content-type": "text/csv; charset=utf-8",
    "content-disposition": 'attachment; filename="activity.csv"',
  });
  const lines = await (await api.key(["export"]))("GET", "/v1/activity/export?format=jsonl");
  const kinds = lines.body
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).kind);
  expect(kinds).toContain("activity-exported");
});
