/** Every text that anybody can send: it is kept as text, or refused in words; nothing makes the server fail. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostile, script } from "../hostile-texts.ts";
import { type Answer, type Caller, startReviewApi, type TestApi } from "../review-api.ts";
import { addIncident } from "../review-incidents.ts";

let api: TestApi;
let admin: Caller;
let ingest: Caller;
beforeAll(async () => {
  api = await startReviewApi();
  admin = await api.person("admin");
  ingest = await api.key(["ingest"]);
});
afterAll(() => api[Symbol.asyncDispose]());

let serial = 0;
const key = () => {
  serial += 1;
  return { "idempotency-key": `hostile-${serial}` };
};
async function held(): Promise<{ id: number; token: number }> {
  const id = await addIncident(api.review.context);
  return { id, token: (await admin("POST", `/v1/incidents/${id}/take`, { takeOver: true })).json().token };
}
const inPath = (text: string) => encodeURIComponent(text.toWellFormed());
const inQuery = (text: string) => new URLSearchParams({ text: text.toWellFormed() }).toString().slice(5);

/** Each text field of the API, and how it is filled. */
const fields: Record<string, (text: string) => Promise<Answer>> = {
  "name of a key": (name) => admin("POST", "/v1/keys", { name, scopes: ["read"] }),
  "scope of a key": (scope) => admin("POST", "/v1/keys", { name: "k", scopes: [scope] }),
  "id of a key": (id) => admin("DELETE", `/v1/keys/${inPath(id)}`),
  "id of a person": (id) => admin("PATCH", `/v1/users/${inPath(id)}`, { role: "viewer" }),
  "id of a decision": (id) => admin("POST", `/v1/decisions/${inPath(id)}/undo`, {}),
  "id of an incident": (id) => admin("GET", `/v1/incidents/${inPath(id)}`),
  "id of a frame": (id) => admin("GET", `/v1/frames/${inPath(id)}/picture`),
  "reason to open a picture": (reason) => admin("GET", `/v1/frames/c/picture?reason=${inQuery(reason)}`),
  search: (text) => admin("GET", `/v1/incidents?search=${inQuery(text)}`),
  "filter by category": (text) => admin("GET", `/v1/incidents?category=${inQuery(text)}&category=b`),
  "filter by model": (text) => admin("GET", `/v1/incidents?model=${inQuery(text)}`),
  "filter by policy": (text) => admin("GET", `/v1/incidents?policyVersion=${inQuery(text)}`),
  "filter by holder": (text) => admin("GET", `/v1/incidents?holder=${inQuery(text)}`),
  "cursor of incidents": (text) => admin("GET", `/v1/incidents?cursor=${inQuery(text)}`),
  "cursor of the log": (text) => admin("GET", `/v1/activity?cursor=${inQuery(text)}`),
  "quality by policy": (text) => admin("GET", `/v1/quality?policyVersion=${inQuery(text)}&model=${inQuery(text)}`),
  "time of an export": (text) => admin("GET", `/v1/activity/export?format=csv&from=${inQuery(text)}`),
  "note of a decision": async (note) => {
    const { id, token } = await held();
    return admin(
      "POST",
      `/v1/incidents/${id}/decision`,
      { outcome: "no-violation", token, seenThrough: 1, note },
      key(),
    );
  },
  "category of a decision": async (category) => {
    const { id, token } = await held();
    const body = { outcome: "violation", category, action: "warn", token, seenThrough: 1 };
    return admin("POST", `/v1/incidents/${id}/decision`, body, key());
  },
  "action of a decision": async (action) => {
    const { id, token } = await held();
    const body = { outcome: "violation", category: "pornography", action, token, seenThrough: 1 };
    return admin("POST", `/v1/incidents/${id}/decision`, body, key());
  },
  "note of an escalation": async (note) => {
    const { id, token } = await held();
    return admin("POST", `/v1/incidents/${id}/escalate`, { token, note }, key());
  },
  "reason of a skip": async (reason) => {
    const { id, token } = await held();
    return admin("POST", `/v1/incidents/${id}/skip`, { token, reason }, key());
  },
  "note of a reopening": async (note) =>
    admin(
      "POST",
      `/v1/incidents/${await addIncident(api.review.context, { state: "closed", joinable: false })}/reopen`,
      { note },
    ),
  "reason of a legal hold": async (reason) =>
    admin("POST", `/v1/incidents/${await addIncident(api.review.context)}/legal-hold`, { on: true, reason }),
  "note of a bulk close": async (note) => {
    const id = await addIncident(api.review.context);
    const incidents = [{ id, seenThrough: 1 }];
    return admin("POST", "/v1/incidents/bulk-close", {
      outcome: "no-violation",
      incidents,
      count: 1,
      lookedAt: [id],
      note,
    });
  },
  "person to assign to": async (userId) =>
    admin("POST", "/v1/incidents/assign", { incidents: [await addIncident(api.review.context)], userId }),
  "frame of a reveal": async (captureId) => {
    const incidentId = await addIncident(api.review.context);
    return admin("POST", "/v1/reveals", { reveals: [{ incidentId, captureId, ms: 5, at: new Date().toISOString() }] });
  },
  "preferences: keys": (text) => admin("PATCH", "/v1/me/preferences", { keys: { [text]: "a", dismiss: text } }),
  "preferences: a saved view": (text) =>
    admin("PATCH", "/v1/me/preferences", { savedViews: [{ name: text, query: text }] }),
  "name of a setting": (text) => admin("GET", `/v1/settings/${inPath(text)}`),
  "label of an action": async (label) => {
    const { version } = (await admin("GET", "/v1/settings/actions")).json();
    const value = { actions: [{ id: "warn", label, done: label, severe: false, role: "moderator" }] };
    return admin("PUT", "/v1/settings/actions", { value, version });
  },
  capture: (text) =>
    ingest("POST", "/v1/captures", {
      captureId: text,
      streamId: text,
      capturedAt: "2026-03-01T12:00:00Z",
      imageUri: "https://pictures.example/1.jpg",
      attributes: { title: text },
    }),
  "id of a stream": (id) => ingest("PUT", `/v1/streams/${inPath(id)}`, { live: true }),
  "title of a stream": (title) => ingest("PUT", "/v1/streams/s-1", { title, streamerId: title }),
  "Idempotency-Key": (text) =>
    admin(
      "POST",
      "/v1/incidents/1/skip",
      { token: 1, reason: "unsure" },
      { "idempotency-key": text.replace(/[^\t\x20-\x7e]/g, "?") },
    ),
  "Last-Event-ID": (text) => api.anybody("GET", `/v1/events?lastEventId=${inQuery(text)}`),
  "where to go after signing in": (text) => api.anybody("GET", `/auth/sign-in?returnTo=${inQuery(text)}`),
  "local role": (role) => api.anybody("POST", "/auth/local", { role }),
  "answer of a sign-in service": (text) =>
    api.anybody("GET", `/auth/callback?code=${inQuery(text)}&state=${inQuery(text)}`),
};

describe.each(Object.entries(fields))("%s", (_, fill) => {
  test.each(Object.entries(hostile))("takes %s as text, or refuses it", async (_, text) => {
    const answer = await fill(text);
    expect(answer.statusCode, answer.body.slice(0, 500)).toBeLessThan(500);
    if (answer.statusCode >= 400 && !answer.headers["content-type"]?.toString().startsWith("text/html"))
      expect(answer.headers["content-type"]).toBe("application/problem+json; charset=utf-8");
    if (!answer.headers["content-type"]?.toString().startsWith("text/html")) return;
    expect(answer.body).not.toContain("<script");
  });
});

test("what was kept comes back as it was sent, in lists and as a file", async () => {
  const note = `${script}\u202e👩‍👩‍👧`;
  const id = await addIncident(api.review.context);
  await admin("POST", `/v1/incidents/${id}/legal-hold`, { on: true, reason: note });
  const { items } = (await admin("GET", `/v1/incidents/${id}/activity`)).json();
  expect(items[0].details.reason).toBe(note);
  const exported = await admin("GET", "/v1/activity/export?format=jsonl");
  expect(exported.body).toContain(JSON.stringify(note));
  expect(exported.headers["x-content-type-options"]).toBe("nosniff");
});

test("numbers beyond what the database holds are refused, not an error", async () => {
  const id = await addIncident(api.review.context);
  for (const number of [2 ** 31, 2 ** 53 - 1, -(2 ** 31) - 1, 1e300, 0.5]) {
    const answers = [
      await admin("POST", "/v1/holds/heartbeat", { tokens: [number] }),
      await admin("POST", "/v1/holds/release", { tokens: [number] }),
      await admin("GET", `/v1/incidents/${number}`),
      await admin("GET", `/v1/incidents/${id}/frames?after=${number}`),
      await admin(
        "POST",
        `/v1/incidents/${id}/decision`,
        { outcome: "no-violation", token: number, seenThrough: number },
        key(),
      ),
      await admin("POST", "/v1/incidents/assign", { incidents: [number], userId: "x" }),
      await ingest("PUT", "/v1/streams/s-1", { viewers: number }),
      await admin("POST", "/v1/settings/retention/preview", { severe: number }),
    ];
    for (const { statusCode, body } of answers) expect(statusCode, `${number}: ${body}`).toBeLessThan(500);
  }
});
