/** Verdicts become incidents, on a real Postgres. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { EarlierCapture, Verdict } from "../../src/capture/verdict.ts";
import { storeVerdicts } from "../../src/review/intake/store-verdicts.ts";
import { clean, flagged, startReview, type TestReview } from "../review.ts";

let review: TestReview;
beforeAll(async () => {
  review = await startReview();
});
afterAll(() => review.close());

const minute = 60_000;
const at = () => review.context.now();
const store = (...verdicts: Verdict[]) => storeVerdicts(review.context, verdicts);
let streams = 0;
const newStream = () => `stream-${++streams}`;

const incidentsOf = (streamId: string) =>
  review.context.db.selectFrom("incidents").selectAll().where("stream_id", "=", streamId).orderBy("id").execute();
const framesOf = async (streamId: string) => {
  const rows = await review.context.db
    .selectFrom("frames as f")
    .innerJoin("incidents as i", "i.id", "f.incident_id")
    .selectAll("f")
    .where("i.stream_id", "=", streamId)
    .orderBy("f.incident_id")
    .orderBy("f.number")
    .execute();
  return rows.map(({ capture_id, number, kind }) => `${number} ${kind} ${capture_id.replace(`${streamId}/`, "")}`);
};
const earlier = (captureId: string, takenAtMs: number, score = 0.4): EarlierCapture => ({
  captureId,
  capturedAt: new Date(takenAtMs).toISOString(),
  scores: [{ model: "nsfw", version: "1", scores: { Porn: score } }],
  thumbnail: `file:///thumbnails/${captureId}`,
});

describe("flagged frames", () => {
  test("open an incident, with all that is known of it", async () => {
    const stream = newStream();
    const [opensAt, takenAtMs] = [at(), at() - 1_000];
    const attributes = { viewers: "2310", title: "Evening walk", streamerId: "walker" };
    expect(await store(flagged(stream, `${stream}/1`, { takenAtMs, attributes }))).toEqual({
      stored: 1,
      known: 0,
      dropped: 0,
    });

    const [incident] = await incidentsOf(stream);
    expect(incident).toMatchObject({
      category: "pornography",
      kind: "flagged",
      severity: "severe",
      state: "open",
      joinable: true,
      opened_at: new Date(opensAt),
      first_captured_at: new Date(takenAtMs),
      last_flagged_at: new Date(takenAtMs),
      target_at: new Date(opensAt + 120_000),
      frame_count: 1,
      flagged_count: 1,
      peak_score: 0.94,
      model: "nsfw",
      model_version: "1",
      policy_version: "nsfw-1",
      linked_to: null,
    });
    expect(incident?.priority_terms.map(({ name, points }) => [name, points])).toEqual([
      ["severity", 40],
      ["live", 20],
      ["viewers", 12.1],
      ["history", 0],
      ["age", 0],
    ]);
    expect(incident?.priority).toBeCloseTo(72.1, 3);
    const log = await review.context.db
      .selectFrom("activity")
      .select(["kind", "actor"])
      .where("stream_id", "=", stream)
      .execute();
    expect(log).toEqual([{ kind: "incident-opened", actor: "system" }]);
  });

  test("join the incident of their stream and category until the window has passed since the last of them", async () => {
    const stream = newStream();
    const start = at();
    await store(flagged(stream, `${stream}/1`, { takenAtMs: start }));
    await store(flagged(stream, `${stream}/2`, { takenAtMs: start + 2 * minute }));
    await store(flagged(stream, `${stream}/3`, { takenAtMs: start + 4 * minute, category: "suggestive" }));
    await store(flagged(stream, `${stream}/4`, { takenAtMs: start + 4 * minute }));
    await store(flagged(stream, `${stream}/5`, { takenAtMs: start + 6 * minute + 1 }));
    const incidents = await incidentsOf(stream);
    expect(incidents.map(({ category, flagged_count, joinable }) => [category, flagged_count, joinable])).toEqual([
      ["pornography", 3, false],
      ["suggestive", 1, true],
      ["pornography", 1, true],
    ]);
    expect(await framesOf(stream)).toEqual(["1 flagged 1", "2 flagged 2", "3 flagged 4", "1 flagged 3", "1 flagged 5"]);
  });

  test("are grouped alike in one batch and one by one", async () => {
    const offsets = [0, 1, 2.5, 2, 1.5, 9, 8, 20];
    const shape = async (stream: string) =>
      (await incidentsOf(stream)).map(({ flagged_count, joinable }) => [flagged_count, joinable]);
    const [one, other] = [newStream(), newStream()];
    const of = (stream: string) =>
      offsets.map((minutes, index) => flagged(stream, `${stream}/${index}`, { takenAtMs: at() + minutes * minute }));
    await store(...of(one));
    for (const verdict of of(other)) await store(verdict);
    expect(await shape(one)).toEqual([
      [5, false],
      [2, false],
      [1, true],
    ]);
    expect(await shape(other)).toEqual(await shape(one));
  });

  test("that come late join the incident of their time, and leave the newest joinable", async () => {
    const stream = newStream();
    const start = at();
    await store(flagged(stream, `${stream}/1`, { takenAtMs: start }));
    await store(flagged(stream, `${stream}/9`, { takenAtMs: start + 9 * minute }));
    await store(flagged(stream, `${stream}/2`, { takenAtMs: start + minute }));
    await store(flagged(stream, `${stream}/0`, { takenAtMs: start - 30 * minute }));
    await store(flagged(stream, `${stream}/0b`, { takenAtMs: start - 31 * minute }));
    await store(flagged(stream, `${stream}/10`, { takenAtMs: start + 10 * minute }));
    const incidents = await incidentsOf(stream);
    expect(incidents.map(({ flagged_count, joinable }) => [flagged_count, joinable])).toEqual([
      [2, false],
      [2, true],
      [2, false],
    ]);
  });

  test("make an incident worse, and its target nearer, but never milder", async () => {
    const stream = newStream();
    const category = "suggestive";
    await store(flagged(stream, `${stream}/1`, { takenAtMs: at(), severity: "low", category, score: 0.9 }));
    review.advance(10 * minute);
    const joinsAt = at();
    const next = { takenAtMs: at() - 9 * minute, category };
    await store(flagged(stream, `${stream}/2`, { ...next, severity: "high", score: 0.85 }));
    await store(flagged(stream, `${stream}/3`, { ...next, severity: "low", score: 0.99 }));
    const [incident] = await incidentsOf(stream);
    expect(incident).toMatchObject({ severity: "high", flagged_count: 3, target_at: new Date(joinsAt + 5 * minute) });
    expect(incident?.peak_score).toBeCloseTo(0.99, 5);
  });

  test("count for the worst of their findings, with its score on the curve", async () => {
    const stream = newStream();
    const base = flagged(stream, `${stream}/1`, { takenAtMs: at() });
    const [finding] = base.findings;
    const findings = [
      { ...finding, category: "suggestive", severity: "low" as const, score: 0.99 },
      { ...finding, category: "violence", severity: "high" as const, score: 0.7 },
    ] as Verdict["findings"];
    await store({ ...base, findings });
    expect(await incidentsOf(stream)).toMatchObject([{ category: "violence", severity: "high" }]);
    const [incident] = await incidentsOf(stream);
    expect(incident?.peak_score).toBeCloseTo(0.7, 5);
  });

  test("of a publisher whose clock is ahead do not hold their window open", async () => {
    const stream = newStream();
    const wrong = flagged(stream, `${stream}/1`, { takenAtMs: at() });
    await store({ ...wrong, capturedAt: "2099-01-01T00:00:00Z" });
    await store(flagged(stream, `${stream}/2`, { takenAtMs: at() + minute }));
    expect(await incidentsOf(stream)).toHaveLength(1);
  });

  test("after a decision open an incident that is linked to the closed one", async () => {
    const stream = newStream();
    const start = at();
    await store(flagged(stream, `${stream}/1`, { takenAtMs: start }));
    await review.context.db
      .updateTable("incidents")
      .set({ state: "closed", joinable: false, closed_at: new Date(at()) })
      .where("stream_id", "=", stream)
      .execute();
    await store(flagged(stream, `${stream}/2`, { takenAtMs: start + minute }));
    await store(flagged(stream, `${stream}/3`, { takenAtMs: start + 20 * minute }));
    const [closed, linked, later] = await incidentsOf(stream);
    expect(closed).toMatchObject({ state: "closed", flagged_count: 1 });
    expect(linked).toMatchObject({ state: "open", linked_to: closed?.id });
    expect(later).toMatchObject({ linked_to: null });
  });

  test("join an incident that was opened again, and make it joinable", async () => {
    const stream = newStream();
    await store(flagged(stream, `${stream}/1`, { takenAtMs: at() }));
    const set = { state: "escalated", joinable: false } as const;
    await review.context.db.updateTable("incidents").set(set).where("stream_id", "=", stream).execute();
    await store(flagged(stream, `${stream}/2`, { takenAtMs: at() + minute }));
    expect(await incidentsOf(stream)).toMatchObject([{ state: "escalated", joinable: true, flagged_count: 2 }]);
  });
});

describe("other frames", () => {
  test("from before the trigger come with it, thumbnails only", async () => {
    const stream = newStream();
    const takenAtMs = at();
    const before = [1, 2].map((second) => earlier(`${stream}/b${second}`, takenAtMs - 10_000 + second * 1_000));
    await store(flagged(stream, `${stream}/1`, { takenAtMs, before }));
    expect(await framesOf(stream)).toEqual(["1 before b1", "2 before b2", "3 flagged 1"]);
    const [incident] = await incidentsOf(stream);
    expect(incident).toMatchObject({ frame_count: 3, flagged_count: 1, first_captured_at: new Date(takenAtMs) });
    const [frame] = await review.context.db
      .selectFrom("frames")
      .selectAll()
      .where("capture_id", "=", `${stream}/b1`)
      .execute();
    expect(frame).toMatchObject({ evidence: null, image_uri: null, thumbnail: `file:///thumbnails/${stream}/b1` });
    expect(frame?.score).toBeCloseTo(0.4, 5);
  });

  test("from before the trigger make way for a verdict of their own, whichever comes first", async () => {
    const stream = newStream();
    const takenAtMs = at();
    const before = ["x", "y"].map((name) => earlier(`${stream}/${name}`, takenAtMs - 5_000));
    const own = flagged(stream, `${stream}/x`, { takenAtMs: takenAtMs - 5_000 });
    await store(flagged(stream, `${stream}/1`, { takenAtMs, before }));
    await store(own);
    await store(own);
    expect(await framesOf(stream)).toEqual(["2 before y", "3 flagged 1", "4 flagged x"]);
    expect(await incidentsOf(stream)).toMatchObject([{ frame_count: 4, flagged_count: 2 }]);

    const other = newStream();
    const list = [earlier(`${other}/x`, takenAtMs - 5_000)];
    const trigger = flagged(other, `${other}/1`, { takenAtMs, before: list });
    await store(trigger, flagged(other, `${other}/x`, { takenAtMs: takenAtMs - 5_000 }));
    expect(await framesOf(other)).toEqual(["1 flagged x", "2 flagged 1"]);
  });

  test("of context join the stream's newest incident around them; without one they are dropped and their pictures given over", async () => {
    const stream = newStream();
    const start = at();
    const pictures = { evidence: `file:///evidence/${stream}`, thumbnail: `file:///thumbnails/${stream}` };
    const early = clean(stream, `${stream}/c0`, "context", { takenAtMs: start, ...pictures });
    expect(await store(early)).toEqual({ stored: 0, known: 0, dropped: 1 });
    const discarded = await review.context.db.selectFrom("discarded_evidence").select("ref").execute();
    expect(discarded.map(({ ref }) => ref)).toEqual(expect.arrayContaining(Object.values(pictures)));

    await store(flagged(stream, `${stream}/1`, { takenAtMs: start }));
    review.advance(1_000);
    await store(flagged(stream, `${stream}/2`, { takenAtMs: start + 1_000, category: "suggestive" }));
    await store(clean(stream, `${stream}/c1`, "context", { takenAtMs: start + 2_000, score: 0.3 }));
    await store(clean(stream, `${stream}/c2`, "context", { takenAtMs: start + 10 * minute }));
    expect(await framesOf(stream)).toEqual(["1 flagged 1", "1 flagged 2", "2 context c1"]);
    const [, newest] = await incidentsOf(stream);
    expect(newest).toMatchObject({ flagged_count: 1, frame_count: 2, last_flagged_at: new Date(start + 1_000) });
  });

  test("of context join what a flagged one of the same batch opens", async () => {
    const stream = newStream();
    const context = clean(stream, `${stream}/c`, "context", { takenAtMs: at() - 1_000 });
    await store(context, flagged(stream, `${stream}/1`, { takenAtMs: at() }));
    expect(await framesOf(stream)).toEqual(["1 flagged 1", "2 context c"]);
  });

  test("that were sampled are incidents of their own, of the category that they came nearest to", async () => {
    const stream = newStream();
    await store(flagged(stream, `${stream}/1`, { takenAtMs: at() }));
    const scores = [{ model: "nsfw", version: "2", scores: { Porn: 0.1, Hentai: 0.7, Sexy: 0.3 } }];
    await store(
      { ...clean(stream, `${stream}/s1`, "sampled", { takenAtMs: at() }), scores },
      { ...clean(stream, `${stream}/s2`, "sampled", { takenAtMs: at() }), scores: [] },
    );
    const [, ...sampled] = await incidentsOf(stream);
    const facts = { kind: "sampled", severity: "low", joinable: false, frame_count: 1, flagged_count: 0 };
    expect(sampled.toSorted((a, b) => (a.category < b.category ? -1 : 1))).toMatchObject([
      { ...facts, category: "drawn-pornography", model_version: "2" },
      { ...facts, category: "sample" },
    ]);
    expect(await framesOf(stream)).toEqual(["1 flagged 1", "1 sampled s1", "1 sampled s2"]);
  });
});

describe("what captures tell of a stream", () => {
  const streamOf = (streamId: string) =>
    review.context.db.selectFrom("streams").selectAll().where("stream_id", "=", streamId).executeTakeFirstOrThrow();

  test("holds as the capture taken last has it, whatever the order in which they come", async () => {
    const stream = newStream();
    const start = at();
    const told = (second: number, attributes: Record<string, string>) =>
      store(flagged(stream, `${stream}/${second}`, { takenAtMs: start + second * 1_000, attributes }));
    await told(2, { viewers: "20", title: "Second" });
    await told(1, { viewers: "10", title: "First", streamerId: "walker", streamStartedAt: "2026-03-01T12:00:00Z" });
    await told(3, { viewers: "many" });
    expect(await streamOf(stream)).toMatchObject({
      viewers: 20,
      title: "Second",
      streamer_id: "walker",
      started_at: new Date("2026-03-01T12:00:00Z"),
      live: true,
      last_seen_at: new Date(start + 3_000),
    });
    await told(9, { live: "false" });
    await told(8, {});
    expect(await streamOf(stream)).toMatchObject({ live: false, ended_at: new Date(start + 9_000) });
    await told(10, {});
    expect(await streamOf(stream)).toMatchObject({ live: true, ended_at: null });
  });

  test("is in the priority at once, with the streamer's record", async () => {
    const stream = newStream();
    await review.context.db.insertInto("streamers").values({ streamer_id: "known", confirmed: 4 }).execute();
    await store(flagged(stream, `${stream}/1`, { takenAtMs: at(), attributes: { streamerId: "known" } }));
    await store(flagged(stream, `${stream}/2`, { takenAtMs: at() + 1, attributes: { live: "false" } }));
    const [incident] = await incidentsOf(stream);
    const points = Object.fromEntries(incident?.priority_terms.map((term) => [term.name, term.points]) ?? []);
    expect(points).toMatchObject({ severity: 40, live: 0, history: 9 });
  });
});

describe("repeated verdicts", () => {
  test("change nothing, in one batch or in another", async () => {
    const stream = newStream();
    const takenAtMs = at();
    const verdicts = [
      flagged(stream, `${stream}/1`, { takenAtMs, before: [earlier(`${stream}/b`, takenAtMs - 1_000)] }),
      clean(stream, `${stream}/c`, "context", { takenAtMs }),
      clean(stream, `${stream}/s`, "sampled", { takenAtMs }),
    ];
    expect(await store(...verdicts, ...verdicts)).toEqual({ stored: 3, known: 3, dropped: 0 });
    const before = [await incidentsOf(stream), await framesOf(stream)];
    expect(await store(...verdicts)).toEqual({ stored: 0, known: 3, dropped: 0 });
    expect([await incidentsOf(stream), await framesOf(stream)]).toEqual(before);
  });

  test("handed to several processes at once are stored once", async () => {
    const names = Array.from({ length: 12 }, newStream);
    const takenAtMs = at();
    // The streams are there already, so that no process waits for another's new streams.
    await store(...names.map((stream) => clean(stream, `${stream}/0`, "context", { takenAtMs })));
    const rounds = [1, 2, 3, 4].map((round) =>
      names.flatMap((stream) => [
        ...[1, 2, 3].map((number) =>
          flagged(stream, `${stream}/${round}${number}`, {
            takenAtMs: takenAtMs + round * 1_000 + number,
            before: [earlier(`${stream}/b${round}`, takenAtMs + round * 1_000 - 500)],
          }),
        ),
        clean(stream, `${stream}/s${round}`, "sampled", { takenAtMs: takenAtMs + round * 1_000 }),
      ]),
    );
    const order = ({ captureId }: Verdict, seed: number) =>
      [...captureId].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0) * seed) % 1_009, seed);
    const parts = (verdicts: Verdict[], seed: number) => {
      const shuffled = verdicts.toSorted((a, b) => order(a, seed) - order(b, seed));
      return [0, 16, 32].map((start) => shuffled.slice(start, start + 16));
    };
    for (const round of rounds) {
      const answers = await Promise.all([1, 5, 7].flatMap((seed) => parts(round, seed).map((part) => store(...part))));
      expect(answers.reduce((sum, { stored }) => sum + stored, 0)).toBe(round.length);
    }

    for (const stream of names) {
      const incidents = await incidentsOf(stream);
      expect(incidents.filter(({ kind }) => kind === "flagged")).toMatchObject([
        { flagged_count: 12, frame_count: 16 },
      ]);
      expect(incidents.filter(({ kind }) => kind === "sampled")).toHaveLength(4);
      const frames = await framesOf(stream);
      expect(frames).toHaveLength(20);
      expect(new Set(frames.map((frame) => frame.split(" ").at(-1))).size).toBe(20);
    }
  });

  test("that were sampled, which no incident's lock keeps apart, are stored once too", async () => {
    const stream = newStream();
    await store(clean(stream, `${stream}/0`, "context", { takenAtMs: at() }));
    const sampled = Array.from({ length: 20 }, (_, index) =>
      clean(stream, `${stream}/${index}`, "sampled", { takenAtMs: at() }),
    );
    await Promise.all(Array.from({ length: 6 }, () => store(...sampled)));
    expect(await incidentsOf(stream)).toHaveLength(20);
    expect(await framesOf(stream)).toHaveLength(20);
  });
});

describe("hostile text", () => {
  test("is stored, with what Postgres cannot hold replaced by signs", async () => {
    const stream = `s\0${newStream()}\ud800<script>\u202e`;
    const takenAtMs = at();
    const attributes = { title: `T\0\udc00\u202e${"ü".repeat(300)}`, "\0": "\ud800", streamerId: "x".repeat(300) };
    const base = flagged(stream, `c\0${stream}`, { takenAtMs, attributes, category: "\0\u202e" });
    await store({
      ...base,
      policyVersion: "\0",
      imageUri: "http://h/\0",
      scores: [{ model: "\ud800", version: "\0", scores: { "\0": 1 } }],
      before: [{ ...earlier("b\0", takenAtMs), thumbnail: "\0" }],
    });
    await store(flagged(stream, `c2${stream}`, { takenAtMs, attributes, category: "\0\u202e" }));
    const rows = await review.context.db.selectFrom("streams").selectAll().where("title", "like", "T%").execute();
    expect(rows).toMatchObject([{ title: `T\u2400\ufffd\u202e${"ü".repeat(300)}`, streamer_id: null }]);
    expect(rows[0]?.stream_id).toMatch(/^s\u2400stream-\d+\ufffd<script>\u202e~[0-9a-f]{12}$/);
    expect(await incidentsOf(rows[0]?.stream_id ?? "")).toMatchObject([{ category: "\u2400\u202e", flagged_count: 2 }]);
  });

  test("does not make two captures one", async () => {
    const stream = newStream();
    const ids = ["a\0", "a\u2400", "a\ud800", "a\ud801"].map((id) => `${stream}${id}`);
    expect(await store(...ids.map((id) => flagged(stream, id, { takenAtMs: at() })))).toMatchObject({ stored: 4 });
  });
});
