/** Who gets which picture, in which form, and what the log says of it. */
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BlobError } from "../../src/blobs/blob-store.ts";
import { Policy } from "../../src/policy/policy.ts";
import type { PersonActor } from "../../src/review/access/actor.ts";
import { openPicture } from "../../src/review/evidence/open-picture.ts";
import { readIncident } from "../../src/review/incidents/read-incident.ts";
import { startReview, type TestReview } from "../review.ts";
import { addDecision, addFrames, addIncident } from "../review-rows.ts";

/** Fine black and white stripes, of which a median filter leaves nothing. */
async function stripes(width: number, height: number) {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at += 1) pixels.fill((at % width) % 4 === 0 ? 255 : 0, at * 3, at * 3 + 3);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

let review: TestReview;
let viewer: PersonActor;
beforeAll(async () => {
  review = await startReview();
  viewer = await review.addUser("Vera", "viewer");
});
afterAll(() => review.close());

let made = 0;
/** A frame with a picture and a thumbnail in the store; gives the incident and the capture. */
async function pictured(bytes: Uint8Array, columns: Parameters<typeof addIncident>[1] = {}) {
  const { context } = review;
  const incidentId = await addIncident(context, { severity: "high", ...columns });
  made += 1;
  const captureId = `pictured-${made}`;
  const evidence = await context.evidence.put(bytes, { key: `evidence/${captureId}` });
  const thumbnail = await context.evidence.put(Buffer.from("thumbnail"), { key: `evidence/${captureId}.thumb` });
  await addFrames(context, incidentId, [{ capture_id: captureId, evidence, thumbnail }]);
  return { incidentId, captureId, evidence };
}

const deliveries = (incidentId: number) =>
  review.context.db
    .selectFrom("activity")
    .select(["actor", "kind", "details"])
    .where("incident_id", "=", incidentId)
    .orderBy("id")
    .execute();

describe("a picture", () => {
  test("is a JPEG of at most 1920 pixels, upright, without what its file carried along", async () => {
    const original = await (await stripes(2_400, 600))
      .withExif({ IFD0: { Copyright: "secret" } })
      .withMetadata({ orientation: 6 })
      .png()
      .toBuffer();
    const { captureId } = await pictured(original);
    const { bytes, type } = await openPicture(review.context, viewer, captureId, { form: "sharp" });
    expect(type).toBe("image/jpeg");
    const { format, width, height, exif, orientation } = await sharp(bytes).metadata();
    expect({ format, width, height, exif, orientation }).toEqual({
      format: "jpeg",
      width: 480,
      height: 1920,
      exif: undefined,
      orientation: undefined,
    });
    expect(bytes.includes("secret")).toBe(false);
  });

  test("is never enlarged, and its thumbnail is given as it was kept", async () => {
    const { captureId } = await pictured(await (await stripes(64, 36)).webp().toBuffer());
    const { bytes } = await openPicture(review.context, viewer, captureId, { form: "sharp" });
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 64, height: 36 });
    const thumbnail = await openPicture(review.context, viewer, captureId, { form: "thumbnail" });
    expect(thumbnail).toEqual({ bytes: Buffer.from("thumbnail"), type: "image/jpeg" });
  });

  test("smoothed has lost what is fine", async () => {
    const { captureId } = await pictured(await (await stripes(640, 360)).png().toBuffer());
    const contrast = async (form: "sharp" | "smoothed") => {
      const { bytes } = await openPicture(review.context, viewer, captureId, { form });
      return (await sharp(bytes).stats()).channels[0]?.stdev ?? Number.NaN;
    };
    expect(await contrast("smoothed")).toBeLessThan((await contrast("sharp")) / 5);
  });

  test("that no decoder should see is not shown: drawings, bombs, damaged files", async () => {
    const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>1</script></svg>`);
    const bomb = await sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: "#000" } })
      .png()
      .toBuffer();
    const cut = (await (await stripes(640, 360)).jpeg().toBuffer()).subarray(0, 2_000);
    for (const bytes of [svg, bomb, cut, Buffer.alloc(0)]) {
      const { captureId } = await pictured(bytes);
      const opened = openPicture(review.context, viewer, captureId, { form: "sharp" });
      await expect(opened).rejects.toMatchObject({ code: "picture-gone" });
    }
  });

  test("of no known capture is not found", async () => {
    for (const captureId of ["nothing", "", "\0", "../../etc/passwd"]) {
      const opened = openPicture(review.context, viewer, captureId, { form: "sharp" });
      await expect(opened).rejects.toMatchObject({ code: "not-found" });
    }
  });

  test("that has vanished from the store is gone, and its frame says so from then on", async () => {
    const { captureId, evidence, incidentId } = await pictured(await (await stripes(64, 36)).png().toBuffer());
    await review.context.evidence.delete([evidence]);
    for (const attempt of [1, 2]) {
      const opened = openPicture(review.context, viewer, captureId, { form: "sharp" });
      await expect(opened, `attempt ${attempt}`).rejects.toMatchObject({ code: "picture-gone" });
    }
    const incident = await readIncident(review.context, incidentId, viewer);
    expect(incident?.frames).toMatchObject([{ picture: "expired" }]);
  });

  test("is not to be had for now when the store is away, and is not given up", async () => {
    const { captureId, incidentId } = await pictured(await (await stripes(64, 36)).png().toBuffer());
    const get = () => Promise.reject(new BlobError("unavailable", "away"));
    const away = { ...review.context, evidence: { ...review.context.evidence, get } };
    const opened = openPicture(away, viewer, captureId, { form: "sharp" });
    await expect(opened).rejects.toMatchObject({ code: "unavailable" });
    expect((await readIncident(review.context, incidentId, viewer))?.frames).toMatchObject([{ picture: "available" }]);
  });
});

describe("the activity log", () => {
  test("names each delivery of a severe picture, of thumbnails one in a quarter of an hour", async () => {
    const { captureId, incidentId } = await pictured(await (await stripes(64, 36)).png().toBuffer(), {
      severity: "severe",
    });
    const other = await review.addUser("Otto", "moderator");
    for (const person of [viewer, other])
      for (const form of ["thumbnail", "thumbnail", "sharp", "sharp", "smoothed", "thumbnail"] as const)
        await openPicture(review.context, person, captureId, { form });
    const delivered = (person: PersonActor) =>
      ["thumbnail", "sharp", "sharp", "smoothed"].map((form) => ({
        actor: `user:${person.id}`,
        kind: "picture-delivered",
        details: { captureId, form },
      }));
    expect(await deliveries(incidentId)).toEqual([...delivered(viewer), ...delivered(other)]);
  });

  test("is silent on milder pictures, and on those that were refused", async () => {
    const { captureId, incidentId } = await pictured(await (await stripes(64, 36)).png().toBuffer());
    await openPicture(review.context, viewer, captureId, { form: "sharp" });
    const severe = await pictured(Buffer.from("nothing"), { severity: "severe" });
    await openPicture(review.context, viewer, severe.captureId, { form: "sharp" }).catch(() => undefined);
    expect(await deliveries(incidentId)).toEqual([]);
    expect(await deliveries(severe.incidentId)).toEqual([]);
  });
});

describe("a picture that the law restricts", () => {
  const policy = Policy.parse({
    version: "1",
    categories: {
      minors: { severity: "severe", labels: [{ model: "m", label: "l", threshold: 0.5 }], restricted: true },
      suggestive: { severity: "low", labels: [{ model: "m", label: "k", threshold: 0.5 }] },
    },
  });
  const people = async () => {
    const lead = await review.addUser(`Lead ${made}`, "lead");
    const granted: PersonActor = { ...lead, scopes: ["restricted"] };
    const moderator: PersonActor = { ...viewer, role: "moderator", scopes: ["restricted"] };
    return { lead, granted, moderator };
  };
  const open = (actor: PersonActor, captureId: string, form: "sharp" | "thumbnail", reason?: string) =>
    openPicture({ ...review.context, policy: () => policy }, actor, captureId, { form, reason });

  test("is opened by leads who have that right, for a reason that the log keeps, and by nobody else", async () => {
    const picture = await (await stripes(64, 36)).png().toBuffer();
    const { captureId, incidentId } = await pictured(picture, { category: "minors", severity: "low" });
    const { lead, granted, moderator } = await people();
    for (const person of [viewer, moderator, lead])
      await expect(open(person, captureId, "sharp", "because")).rejects.toMatchObject({ code: "forbidden" });
    for (const reason of [undefined, "", "  ", "\0"])
      await expect(open(granted, captureId, "sharp", reason)).rejects.toMatchObject({ code: "invalid" });
    await expect(open(granted, captureId, "thumbnail", "because")).rejects.toMatchObject({ code: "forbidden" });
    await open(granted, captureId, "sharp", " report 12 \ud800");
    expect(await deliveries(incidentId)).toEqual([
      {
        actor: `user:${granted.id}`,
        kind: "picture-delivered",
        details: { captureId, form: "sharp", reason: "report 12 \ufffd" },
      },
    ]);
  });

  test("is told as restricted, its thumbnail to everybody", async () => {
    const { incidentId } = await pictured(Buffer.from("picture"), { category: "minors" });
    const { lead, granted } = await people();
    const context = { ...review.context, policy: () => policy };
    const frames = async (actor: PersonActor) => (await readIncident(context, incidentId, actor))?.frames;
    expect(await frames(lead)).toMatchObject([{ picture: "restricted", thumbnail: "restricted" }]);
    expect(await frames(granted)).toMatchObject([{ picture: "available", thumbnail: "restricted" }]);
  });

  test("is one with all others of an incident in which a finding or a decision names such a category", async () => {
    const picture = await (await stripes(64, 36)).png().toBuffer();
    const lead = await review.addUser("Lea", "lead");
    const found = await pictured(picture, { category: "suggestive" });
    const finding = JSON.stringify([{ category: "minors", score: 0.6 }]);
    await addFrames(review.context, found.incidentId, [{ findings: finding }]);
    const corrected = await pictured(picture, { category: "suggestive" });
    await addDecision(review.context, corrected.incidentId, lead, { outcome: "violation", category: "minors" });
    const undone = await pictured(picture, { category: "suggestive" });
    await addDecision(review.context, undone.incidentId, lead, {
      outcome: "violation",
      category: "minors",
      undone_at: new Date(),
    });
    for (const { captureId } of [found, corrected])
      await expect(open(lead, captureId, "sharp", "because")).rejects.toMatchObject({ code: "forbidden" });
    expect(await open(lead, undone.captureId, "sharp")).toMatchObject({ type: "image/jpeg" });
  });
});
