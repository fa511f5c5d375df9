/** Tuning on the Ops page: a draft is nothing until it is sent, and a trial ends by itself. */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { tuningStore } from "../../src/pipeline/tuning/tuning-store.ts";
import { opsDesk, startOps } from "./ops-desk.ts";
import { fillOpsShift } from "./ops-shift.ts";
import type { OpsSite } from "./ops-site.ts";

const patient = { timeout: 20_000 };
const trialMs = 300_000;

/** What is tuned, on the site's clock. */
const tuned = (ops: OpsSite) => tuningStore(ops.redis, ops.site.context.now).read();
const entries = (ops: OpsSite) => tuningStore(ops.redis, ops.site.context.now).log(10);

const draft = (page: Page) => page.locator(".tuning-draft");
const tryIt = (page: Page) => page.getByRole("button", { name: "Try for 5 min" });
const apply = (page: Page) => page.getByRole("button", { name: "Apply", exact: true });

/** Chooses a pool and types into one of its fields. */
async function type(page: Page, stage: string, field: string, text: string): Promise<void> {
  await page.locator(`.pool-box[data-stage="${stage}"] button`).click();
  await draft(page).getByLabel(field, { exact: true }).fill(text);
}

async function sendable(page: Page): Promise<void> {
  await draft(page).getByLabel("Reason").fill("more is coming");
  await expect.poll(() => apply(page).getAttribute("aria-disabled"), patient).toBe("false");
}

describe("a draft", () => {
  test("is checked as it is typed, in words, and nothing of it is live", async () => {
    const ops = await startOps();
    const { page } = await opsDesk(ops);
    await type(page, "infer", "Concurrency", "many");
    await draft(page).getByText("A whole number is needed.").waitFor(patient);
    await draft(page).getByLabel("Concurrency").fill("100000");
    await draft(page).getByText("concurrency is a whole number from 1 to 256").waitFor(patient);
    await draft(page).getByLabel("Reason").fill("why not");
    expect(await apply(page).getAttribute("aria-disabled")).toBe("true");
    await apply(page).click({ force: true });
    await draft(page).getByLabel("Concurrency").press("Control+Enter");
    await draft(page).getByLabel("Concurrency").fill("8");
    await draft(page).getByText("infer concurrency default → 8").waitFor(patient);
    expect((await tuned(ops)).version).toBe(0);
    await page.getByRole("button", { name: "Discard" }).click();
    await draft(page).getByText("Type into a field to draft a change.").waitFor(patient);
    expect(await entries(ops)).toEqual([]);
  });

  test("of several pools is applied as one change, with who and why; the workers take it up, and are counted", async () => {
    const ops = await startOps();
    const { page, name } = await opsDesk(ops);
    await page.getByText("5 of 5 workers on v0").waitFor(patient);
    await type(page, "infer", "Concurrency", "8");
    await type(page, "fetch", "Goal, s", "2.5");
    await sendable(page);
    await apply(page).click();
    await page.getByText("5 of 5 workers on v1").waitFor(patient);
    expect(await tuned(ops)).toMatchObject({
      version: 1,
      stages: { infer: { concurrency: 8 }, fetch: { goalMs: 2_500 } },
    });
    const change = page.locator('.change[data-version="1"]');
    await expect
      .poll(() => change.textContent(), patient)
      .toContain("fetch goal default → 2.5 s, infer concurrency default → 8, applied");
    expect(await change.textContent()).toContain(`${name}`);
    expect(await change.textContent()).toContain("more is coming");
  });

  test("is told of by the rule that scales: workers, time to drain, what limits then, and warnings", async () => {
    const ops = await startOps();
    await fillOpsShift(ops);
    await ops.wait("infer", 640);
    const { page } = await opsDesk(ops);
    await type(page, "infer", "Workers, most", "1");
    const effect = page.locator(".tuning-effect");
    await expect.poll(() => effect.locator("tbody tr").count(), patient).toBe(4);
    expect(await effect.locator("tbody tr").nth(2).textContent()).toMatch(/^infer\d/);
    // 8 workers of fetch do 355 a second at 90 ms in 4 slots each, 4 of infer 390 at 41 ms, and 1 of infer 97.
    expect(await effect.textContent()).toContain("Limits the others: fetch → infer.");
    expect(await effect.textContent()).toContain("▲ infer: 3 of 4 running will drain");
    await page.getByRole("button", { name: "Pause infer…" }).click();
    await expect.poll(() => page.locator("dialog").textContent(), patient).toMatch(/keep coming/);
    expect((await tuned(ops)).version).toBe(4);
  });

  test("made on an older version is not applied: both are shown, and only a second word puts it onto the newer", async () => {
    const ops = await startOps();
    const [one, other] = [await opsDesk(ops), await opsDesk(ops)];
    await type(one.page, "infer", "Concurrency", "8");
    await type(other.page, "infer", "Concurrency", "6");
    await sendable(one.page);
    await sendable(other.page);
    await apply(other.page).click();
    await one.page.getByText("Your draft is from v0; v1 is in force").waitFor(patient);
    expect(await one.page.locator(".tuning-stale tbody").textContent()).toBe("infer concurrencydefault68");
    expect(await apply(one.page).getAttribute("aria-disabled")).toBe("true");
    expect((await tuned(ops)).stages).toEqual({ infer: { concurrency: 6 } });
    await one.page.getByRole("button", { name: "Put mine onto v1" }).click();
    await draft(one.page).getByText("infer concurrency 6 → 8").waitFor(patient);
    await apply(one.page).click();
    await expect.poll(() => tuned(ops), patient).toMatchObject({ version: 2, stages: { infer: { concurrency: 8 } } });
  });
});

describe("a trial", () => {
  test("is taken back after five minutes though its tab is closed", async () => {
    const ops = await startOps();
    const { page, context } = await opsDesk(ops);
    await type(page, "infer", "Workers, most", "6");
    await sendable(page);
    await tryIt(page).click();
    await expect
      .poll(() => page.locator(".tuning-trial").textContent(), patient)
      .toMatch(/v1 is on trial\. Taken back in [45]:\d\d/);
    expect(await tuned(ops)).toMatchObject({ version: 1, stages: { infer: { max: 6 } } });
    await page.close();
    ops.site.advance(trialMs + 1_000);
    const later = await context.newPage();
    await later.goto(`${ops.site.url}/ops`);
    const change = later.locator('.change[data-version="2"]');
    await expect.poll(() => change.textContent(), patient).toMatch(/timer.*infer max 6 → default, reverted/);
    expect(await later.locator(".tuning-trial").count()).toBe(0);
    expect(await tuned(ops)).toMatchObject({ version: 2, stages: {} });
  });

  test("that is kept stays; one that is reverted is gone at once", async () => {
    const ops = await startOps();
    const { page } = await opsDesk(ops);
    await type(page, "infer", "Batch", "16");
    await sendable(page);
    await tryIt(page).click();
    await page.getByRole("button", { name: "Keep" }).click(patient);
    await expect
      .poll(() => page.locator('.change[data-version="2"]').textContent(), patient)
      .toContain("the trial was kept");
    ops.site.advance(trialMs + 1_000);
    expect(await tuned(ops)).toMatchObject({ version: 2, stages: { infer: { batch: 16 } } });

    await type(page, "infer", "Batch", "4");
    await sendable(page);
    await tryIt(page).click();
    await page.getByRole("button", { name: "Revert", exact: true }).click(patient);
    await expect.poll(() => tuned(ops), patient).toMatchObject({ version: 4, stages: { infer: { batch: 16 } } });
    await page.locator(".tuning-trial").waitFor({ state: "detached", ...patient });
  });

  test("begins and ends by the keyboard alone", async () => {
    const ops = await startOps();
    const { page } = await opsDesk(ops);
    await draft(page).waitFor(patient);
    await page.locator(".pool-box").first().waitFor();
    await page.keyboard.press("t");
    await page.keyboard.type("8");
    await draft(page).getByText("concurrency default → 8").waitFor(patient);
    const focused = () => page.evaluate(() => document.activeElement?.tagName ?? "");
    while ((await focused()) !== "TEXTAREA") await page.keyboard.press("Tab");
    await page.keyboard.type("t for try");
    await page.keyboard.press("Control+Enter");
    await expect.poll(async () => (await tuned(ops)).trial !== undefined, patient).toBe(true);
    await expect
      .poll(() => page.locator('[data-live="polite"]').textContent(), patient)
      .toContain("Version 1 is on trial.");
    await page.getByRole("button", { name: "Keep" }).waitFor(patient);
    for (let at = 0; at < 60 && (await page.evaluate(() => document.activeElement?.textContent)) !== "Keep"; at += 1)
      await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await expect.poll(() => tuned(ops), patient).toMatchObject({ version: 2, stages: { infer: { concurrency: 8 } } });
    expect((await entries(ops)).map(({ kind, why }) => [kind, why])).toEqual([
      ["keep", "Kept after the trial."],
      ["trial", "t for try"],
    ]);
  });
});

describe("a pause", () => {
  test("is a dialog that says what comes of it, wants a reason, and shows until somebody resumes", async () => {
    const ops = await startOps();
    const { page } = await opsDesk(ops);
    await page.locator('.pool-box[data-stage="preprocess"] button').click(patient);
    await page.getByRole("button", { name: "Pause preprocess…" }).click();
    const dialog = page.locator("dialog");
    await dialog.getByText("No worker of preprocess takes captures until somebody resumes it.").waitFor(patient);
    await dialog.getByRole("button", { name: "Pause" }).click({ force: true });
    await dialog.getByRole("alert").getByText("A reason is needed.").waitFor(patient);
    await dialog.getByLabel("Reason").fill("the disk is full");
    await dialog.getByRole("button", { name: "Pause" }).click();
    await page.locator('.pool-box[data-stage="preprocess"]').getByText("‖ paused").waitFor(patient);
    expect(await tuned(ops)).toMatchObject({ stages: { preprocess: { paused: true } } });
    await page.getByRole("button", { name: "Resume preprocess…" }).click();
    await dialog.getByLabel("Reason").fill("it is not any more");
    await dialog.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "Pause preprocess…" }).waitFor(patient);
    expect((await tuned(ops)).stages.preprocess?.paused ?? false).toBe(false);
  });

  test("is all that a phone can change", async () => {
    const ops = await startOps();
    await tuningStore(ops.redis).change({ expectedVersion: 0, stages: { infer: { max: 6 } }, who: "Li", why: "x" });
    await tuningStore(ops.redis).change({ expectedVersion: 1, stages: { infer: { max: 8 } }, who: "Li", why: "x" });
    await ops.fail(["torn-1"]);
    const { page } = await opsDesk(ops, { viewport: { width: 390, height: 844 } });
    await page.getByRole("button", { name: /^Pause/ }).waitFor(patient);
    await page.locator(".capture").first().waitFor(patient);
    await page.locator('.change[data-version="1"]').waitFor(patient);
    for (const name of [/^Restore/, /^Redrive/, "Apply", /^Try/])
      expect(await page.getByRole("button", { name }).count()).toBe(0);
    expect(await page.locator(".tuning-draft").count()).toBe(0);
  });
});

test("an older version is restored as a new change, with a reason", async () => {
  const ops = await startOps();
  const store = tuningStore(ops.redis);
  await store.change({ expectedVersion: 0, stages: { infer: { max: 6 } }, who: "Li", why: "first" });
  await store.change({ expectedVersion: 1, stages: { infer: { max: 2 } }, who: "Li", why: "second" });
  const { page } = await opsDesk(ops);
  await page.getByRole("button", { name: "Restore version 1" }).click(patient);
  const dialog = page.locator("dialog");
  await dialog.getByLabel("Reason").fill("two were not enough");
  await dialog.getByRole("button", { name: "Restore" }).click();
  await expect
    .poll(() => page.locator('.change[data-version="3"]').textContent(), patient)
    .toContain("version 1 again, infer max 2 → 6, restored");
  expect(await tuned(ops)).toMatchObject({ version: 3, stages: { infer: { max: 6 } } });
});
