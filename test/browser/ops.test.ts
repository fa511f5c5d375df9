/** Ops: how the pipeline stands, to see and to hear, and what failed in it. Tuning has its own file. */
import type { Page } from "playwright-core";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Role } from "../../src/review/access/roles.ts";
import { encodings } from "../pictures.ts";
import { opsDesk, startOps } from "./ops-desk.ts";
import type { OpsSite } from "./ops-site.ts";
import { faultsEverywhere, layoutFaults } from "./page-check.ts";
import { signInAs } from "./site.ts";
import { openDesk } from "./site-of-test.ts";

const patient = { timeout: 20_000 };
/** Complaints of the browser on answers while Redis is away. */
const expected = /50\d/;

/** The page of somebody of ops. */
const atOps = async (ops: OpsSite, role?: Role, path?: string) => (await opsDesk(ops, { role, path, expected })).page;
const box = (page: Page, stage: string) => page.locator(`.pool-box[data-stage="${stage}"]`);
const charts = (page: Page) => page.locator(".ops-chart canvas");

describe("who may look", () => {
  test("somebody with the scope ops and no other right begins at Ops and works there; pictures stay away", async () => {
    const ops = await startOps();
    await ops.fail(["dark-1"], {}, await encodings.jpeg());
    const page = await atOps(ops, "viewer", "/");
    await page.waitForURL("**/ops");
    await expect.poll(() => page.locator(".bar nav").textContent(), patient).toBe("QueueQualityOps");
    await box(page, "infer").waitFor(patient);
    await page.locator(".capture").getByText("pictures are for moderators").waitFor(patient);
    expect(await page.locator(".capture-picture").count()).toBe(0);
  });

  test("a lead without the scope is told whose page it is, and has no way there", async () => {
    const ops = await startOps({});
    const desk = await openDesk();
    await signInAs(ops.site, desk, await ops.site.review.addUser("Lead", "lead"), "/ops");
    await desk.page.getByText("This page is for admins and people with the scope ops").waitFor(patient);
    expect(await desk.page.locator(".bar nav").textContent()).not.toContain("Ops");
    await desk.page.keyboard.press("g");
    await desk.page.keyboard.press("q");
    await desk.page.waitForURL("**/queue");
    await desk.page.keyboard.press("g");
    await desk.page.keyboard.press("o");
    await desk.page.keyboard.press("g");
    await desk.page.keyboard.press("y");
    await desk.page.waitForURL("**/quality");
  });
});

describe("how the pipeline stands", () => {
  test("is told by the sentence, then by the pools; what is wrong has a sign and a word besides its colour", async () => {
    const ops = await startOps({ fetch: 1, preprocess: 1, postprocess: 1 });
    await ops.wait("infer", 40);
    const page = await atOps(ops);
    await page
      .locator('.ops-standing[data-level="breach"]')
      .getByText("infer has no worker: 40 captures wait")
      .waitFor(patient);
    const infer = box(page, "infer");
    await expect.poll(() => infer.textContent(), patient).toMatch(/⬢ infer breach/);
    await expect.poll(() => infer.textContent(), patient).toContain("40 deep");
    expect(await box(page, "fetch").getAttribute("data-level")).toBe("normal");
    expect(await infer.getByRole("button").getAttribute("aria-pressed")).toBe("true");
    const row = page.getByRole("table", { name: "Numbers" }).locator("tbody tr", { hasText: "infer" });
    await expect.poll(() => row.textContent(), patient).toContain("never at this rate");
  });

  test("is seen and heard when it gets worse: the sentence is said when it is about something else", async () => {
    const ops = await startOps({ fetch: 1, preprocess: 1, postprocess: 1 });
    const page = await atOps(ops);
    await page.locator('.ops-standing[data-level="normal"]').waitFor(patient);
    await ops.wait("infer", 12);
    await expect
      .poll(() => page.locator('[data-live="polite"]').textContent(), patient)
      .toContain("infer has no worker: 12 captures wait");
  });

  test("old figures are hatched and grey, said to be old, and nothing can be changed on their ground", async () => {
    const ops = await startOps();
    const page = await atOps(ops);
    await expect.poll(() => box(page, "infer").textContent(), patient).toContain("busy 75");
    await page.getByRole("button", { name: /^Pause/ }).waitFor(patient);
    await ops.service.pause();
    onTestFinished(() => ops.service.resume());
    ops.site.advance(11_000);
    await page.locator('.ops-live[data-old="true"]').waitFor(patient);
    await page.getByText("Nothing can be changed until newer ones come.").waitFor(patient);
    await expect.poll(() => page.locator(".ops-age").textContent()).toMatch(/▨ data 1\d s old/);
    for (const button of [
      page.getByRole("button", { name: /^Pause/ }),
      page.getByRole("button", { name: "Try for 5 min" }),
    ])
      expect(await button.getAttribute("aria-disabled")).toBe("true");
    expect(await page.getByLabel("Concurrency").isDisabled()).toBe(true);
    // They stay what they were, and do not become 0.
    expect(await box(page, "infer").textContent()).toContain("busy 75");
  });
});

describe("the pools", () => {
  test("are chosen with the mouse and the arrow keys; the charts of one pool follow, and a table that scrolls keeps its arrows", async () => {
    const ops = await startOps();
    const page = await atOps(ops);
    await box(page, "fetch").click({ position: { x: 60, y: 60 } });
    await page.getByRole("heading", { name: "4 Replicas of fetch" }).waitFor(patient);
    for (const stage of ["preprocess", "infer", "postprocess"]) {
      await page.keyboard.press("ArrowRight");
      await page.getByRole("heading", { name: `5 Work and waiting in ${stage}, ms` }).waitFor(patient);
    }
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("heading", { name: "4 Replicas of infer" }).waitFor(patient);

    await page.setViewportSize({ width: 700, height: 900 });
    const numbers = page.locator(".ops-numbers .data-table");
    await numbers.focus();
    await page.keyboard.press("ArrowRight");
    await expect.poll(() => numbers.evaluate((element) => element.scrollLeft), patient).toBeGreaterThan(0);
    expect(await page.getByRole("heading", { name: "4 Replicas of infer" }).count()).toBe(1);
  });
});

describe("the charts", () => {
  test("are six, each with its name, a sentence and a table; pointed at, all tell of the same moment", async () => {
    const ops = await startOps();
    const page = await atOps(ops);
    await expect.poll(() => charts(page).count(), patient).toBe(6);
    await expect
      .poll(() => page.locator('[data-chart="flow"]').getByRole("img").getAttribute("aria-label"), patient)
      .toMatch(/^1 Captures a second\. Now in \d/);
    await expect
      .poll(() => page.locator('[data-chart="flow"] .ops-chart-sentence').textContent(), patient)
      .toMatch(/come, .* leave\./);

    await page.locator('[data-chart="busy"] summary').click();
    const rows = page.getByRole("table", { name: "6 Busy, %" }).locator("tbody tr");
    await expect.poll(() => rows.first().textContent(), patient).toMatch(/\d\d:\d\d.*25\s%/);

    const newest = await page.locator('[data-chart="age"] .u-over').boundingBox();
    if (!newest) throw new Error("no chart");
    await page.mouse.move(newest.x + newest.width - 2, newest.y + 20);
    const times = () => page.locator(".ops-readout > span:first-child").allTextContents();
    await expect.poll(async () => new Set(await times()).size, patient).toBe(1);
    expect((await times())[0]).toMatch(/^\d\d:\d\d:\d\d$/);
  });

  test("show no line where nothing was measured, and say for how long", async () => {
    const ops = await startOps();
    const page = await atOps(ops);
    await expect
      .poll(() => page.locator('[data-chart="depth"] .ops-chart-sentence').textContent(), patient)
      .toMatch(/No data for 5\d min/);
  });
});

describe("what failed", () => {
  test("is told by reason, and a reason's captures alone are shown when it is chosen", async () => {
    const ops = await startOps();
    await ops.fail(["torn-1", "torn-2"]);
    await ops.fail(["gone-1"], { reason: "not-found", detail: "404 <b>Not Found</b>" });
    const page = await atOps(ops);
    await page.getByText("3 captures failed in the last hour").waitFor(patient);
    await page.getByText("404 <b>Not Found</b>").waitFor();
    await page.getByRole("button", { name: "Show captures of image-corrupt" }).click();
    await expect.poll(() => page.locator(".capture").count(), patient).toBe(2);
    await page.getByRole("button", { name: "Show all reasons" }).click();
    await expect.poll(() => page.locator(".capture").count(), patient).toBe(3);
  });

  test("a picture is covered until a moderator holds, hovering shows nothing, and its delivery is in the log", async () => {
    const ops = await startOps();
    await ops.fail(["torn-1"], {}, await encodings.jpeg());
    const page = await atOps(ops);
    const picture = page.getByRole("button", { name: "Picture of torn-1, covered. Hold to look." });
    await picture.hover(patient);
    const delivered = () =>
      ops.site.context.db.selectFrom("activity").select("details").where("kind", "=", "picture-delivered").execute();
    expect(await page.locator(".capture-picture img").count()).toBe(0);
    expect(await delivered()).toEqual([]);

    await page.mouse.down();
    await page.locator(".capture-picture img").waitFor(patient);
    await page.mouse.up();
    await expect.poll(() => page.locator(".capture-picture img").count()).toBe(0);
    await page.locator(".capture-picture").focus();
    await page.keyboard.down("Space");
    await page.locator(".capture-picture img").waitFor(patient);
    await page.keyboard.up("Space");
    await expect.poll(() => page.locator(".capture-picture img").count()).toBe(0);
    expect(await delivered()).toEqual([
      { details: expect.objectContaining({ captureId: "torn-1", of: "unprocessable" }) },
    ]);
  });

  test("goes through again only after the scope was read, the count typed and a reason given", async () => {
    const ops = await startOps();
    await ops.fail(["torn-1", "torn-2"]);
    await ops.fail(["gone-1"], { reason: "not-found" });
    const page = await atOps(ops);
    await page.getByRole("button", { name: "Show captures of image-corrupt" }).click();
    await page.getByRole("button", { name: "Redrive all of image-corrupt…" }).click();
    const dialog = page.locator("dialog");
    await dialog.getByText("Scope: all captures of image-corrupt.").waitFor(patient);
    await dialog.getByText("image-corrupt: 2").waitFor(patient);
    // Forced, as it says that it is disabled; pressed all the same, it says why.
    const submit = dialog.getByRole("button", { name: "Redrive 2" });
    await submit.click({ force: true });
    await dialog.getByRole("alert").getByText("Type 2 to go on").waitFor(patient);
    await dialog.getByLabel("Type 2 to go on").fill("2");
    await submit.click({ force: true });
    await dialog.getByRole("alert").getByText("A reason is needed.").waitFor(patient);
    expect(ops.published()).toEqual([]);
    await dialog.getByLabel("Reason").fill("the picture host was mended");
    await submit.click({ force: true });
    await dialog.getByText("2 captures on the way through the pipeline again.").waitFor(patient);
    await expect.poll(() => ops.published().length, patient).toBe(2);
    await dialog.getByRole("button", { name: "Close" }).click();
    await expect.poll(() => page.locator(".capture", { hasText: "Redriven" }).count(), patient).toBe(2);
  });
});

test("the queues are a link away, in bull-board, in a window of their own", async () => {
  const ops = await startOps();
  const page = await atOps(ops);
  const [queues] = await Promise.all([
    page.context().waitForEvent("page"),
    page.getByRole("link", { name: /^Queues/ }).click(patient),
  ]);
  await queues.getByText("infer", { exact: true }).first().waitFor(patient);
});

test("has nothing serious for axe, nothing cut off, and no sideways scroll: in forced colours and with large text, too", async () => {
  const ops = await startOps({ fetch: 1, preprocess: 14, postprocess: 1 });
  await ops.wait("infer", 640);
  await ops.fail(["torn-1", "torn-2"], {}, await encodings.jpeg());
  const { page, context } = await opsDesk(ops, { reducedMotion: "reduce" });
  await page.locator('.ops-standing[data-level="breach"]').waitFor(patient);
  await charts(page).first().waitFor(patient);
  await page.locator('[data-chart="age"] summary').click();
  await page.locator(".capture").first().waitFor(patient);
  expect(await faultsEverywhere(page)).toEqual([]);

  await page.emulateMedia({ forcedColors: "active" });
  expect(await layoutFaults(page)).toEqual([]);
  await page.emulateMedia({ forcedColors: "none" });
  const devtools = await context.newCDPSession(page);
  await devtools.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
  await expect.poll(() => page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("28px");
  expect(await layoutFaults(page)).toEqual([]);
});
