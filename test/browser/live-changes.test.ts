/** What changes under a moderator's hands: frames that join, holds that end, limits that are reached. */
import { expect, test } from "vitest";
import { takeIncident } from "../../src/review/holds/take.ts";
import { changeSetting } from "../../src/review/settings/review-settings.ts";
import { idle, note, ready, saved, sharp, stage, streamOnStage } from "./review-page.ts";
import { signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

const frames = ".filmstrip li";
const selected = '.film[aria-current="true"]';

test("frames that join are appended, the selection stays, and the keys rest for a moment", async () => {
  const site = await startSite();
  await site.show("8812", { frames: 3, scores: [0.91, 0.97, 0.9] });
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  expect(await page.locator(selected).getAttribute("data-frame")).toBe("2");
  await page.evaluate(() => {
    const actions = document.querySelector(".actions");
    new MutationObserver(() => {
      const why = actions?.getAttribute("data-muted");
      if (why) document.body.dataset.mutes = `${document.body.dataset.mutes ?? ""} ${why}`;
    }).observe(document.body, { attributes: true, subtree: true, attributeFilter: ["data-muted"] });
  });
  await site.show("8812", { frames: 2, scores: [0.99] });
  await expect.poll(() => page.locator(frames).count(), { timeout: 10_000 }).toBe(5);
  await ready(page);
  expect(await page.evaluate(() => document.body.dataset.mutes)).toContain("joined");
  expect(await page.locator(selected).getAttribute("data-frame")).toBe("2");
  await page.keyboard.press("a");
  await idle(page);
  await expect.poll(site.stored).toMatchObject([{ seen_through: 5 }]);
});

test("frames that nobody was shown are not closed with the others: they open a linked incident", async () => {
  const site = await startSite();
  const first = await site.show("8812", { frames: 2 });
  const { page, context } = await openDesk({ expected: /events|net::ERR_FAILED/ });
  // The page is told of nothing.
  await context.route("**/v1/events*", (route) => route.abort());
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await site.show("8812", { frames: 2 });
  await page.keyboard.press("1");
  await saved(page);
  expect(await site.stored()).toMatchObject([{ seen_through: 2 }]);
  // The rest comes next, and says where it comes from.
  await ready(page, "8812");
  await page.getByText(`Goes on from #${first}`).waitFor();
  expect(await page.locator(frames).count()).toBe(2);
});

test("a hold that runs out covers the picture, says when, keeps the note, and can be taken again", async () => {
  const site = await startSite();
  await site.show("8812");
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await note(page).fill("half a thought");
  await stage(page).focus();
  await page.keyboard.down("Space");
  await sharp(page).waitFor();
  // Its connection says nothing meanwhile: the person only looks.
  site.advance(130_000);
  await page.locator('[data-ended="expired"]').waitFor({ timeout: 10_000 });
  expect(await sharp(page).count()).toBe(0);
  await page.keyboard.up("Space");
  await page
    .locator(".ended")
    .getByText(/Your hold ended at \d\d:\d\d:\d\d/)
    .waitFor();
  await page.keyboard.press("a");
  expect(await site.stored()).toEqual([]);
  await page.getByRole("button", { name: "Take again, if free" }).click();
  await ready(page, "8812");
  expect(await note(page).inputValue()).toBe("half a thought");
});

test("when a lead takes an incident over, its moderator is told by whom, and goes on to the next", async () => {
  const site = await startSite();
  const incidentId = await site.show("8812");
  await site.show("8813", { category: "suggestive" });
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  const lead = await site.review.addUser("Lead Two", "lead");
  await takeIncident(site.context, lead, incidentId, { takeOver: true });
  await page.locator(".ended").getByText("Lead Two took this over.").waitFor({ timeout: 10_000 });
  expect(await page.locator('[data-live="assertive"]').textContent()).toContain("Lead Two took this over.");
  await page.keyboard.press("1");
  await page.getByRole("button", { name: "Next" }).click();
  await ready(page, "8813");
  expect(await site.stored()).toEqual([]);
});

test("past the limit for severe pictures milder ones are offered, and a decision that was begun is not blocked", async () => {
  const site = await startSite();
  const admin = await site.review.addUser("Ada", "admin");
  const limits = { severeIncidentsPerHour: 3, severeMsPerHour: 600_000, severeInARow: 8, breakEveryMs: 3_000_000 };
  await changeSetting(site.context, admin, "exposure", { value: limits, version: 0 });
  for (let serial = 1; serial <= 5; serial += 1) await site.show(`severe-${serial}`);
  await site.show("mild", { category: "suggestive" });
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  const seen: (string | null)[] = [];
  for (let turn = 1; turn <= 3; turn += 1) {
    await ready(page);
    seen.push(await streamOnStage(page));
    await page.keyboard.down("Space");
    await sharp(page).waitFor();
    await page.keyboard.up("Space");
    const reveals = () => site.context.db.selectFrom("reveals").select("id").execute();
    await expect.poll(reveals, { timeout: 5_000 }).toHaveLength(turn);
    await page.keyboard.press("a");
  }
  expect(seen.every((stream) => stream?.startsWith("severe"))).toBe(true);
  await page.locator('[data-notice="budget"]').waitFor({ timeout: 10_000 });
  await ready(page, "mild");
  await page.keyboard.press("a");
  await expect.poll(site.stored).toHaveLength(4);
  await idle(page);
});
