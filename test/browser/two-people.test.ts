/** One incident, one moderator, one tab. */
import { expect, test } from "vitest";
import { idle, ready, saved, streamOnStage } from "./review-page.ts";
import { signIn, signInAs } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

test("two moderators who work at once never meet the same incident", async () => {
  const site = await startSite();
  const streams = Array.from({ length: 8 }, (_, at) => `stream-${at}`);
  for (const stream of streams) await site.show(stream, { category: "suggestive" });
  const work = async (name: string) => {
    const desk = await openDesk();
    await signInAs(site, desk, await site.review.addUser(name));
    const met: string[] = [];
    for (;;) {
      const next = desk.page.locator('.actions:not([data-muted]), [data-idle="empty"]').first();
      await next.waitFor({ timeout: 15_000 });
      const stream = await streamOnStage(desk.page);
      if (stream === null) return met;
      met.push(stream);
      await desk.page.keyboard.press("a");
      await expect.poll(() => streamOnStage(desk.page)).not.toBe(stream);
    }
  };
  const met = (await Promise.all([work("One"), work("Two")])).flat();
  expect(met.toSorted()).toEqual(streams);
  await expect.poll(site.stored).toHaveLength(streams.length);
});

test("a second tab of one person says that the first one reviews, and can take over from it", async () => {
  const site = await startSite();
  await site.show("8812");
  const { page, context } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  const second = await context.newPage();
  await second.goto(`${site.url}/review`);
  await second.getByText("Review is open in another tab").waitFor();
  await second.keyboard.press("a");
  expect(await streamOnStage(second)).toBeNull();

  await second.getByRole("button", { name: "Move it here" }).click();
  await ready(second, "8812");
  await page.getByText("Review is open in another tab").waitFor();
  await page.keyboard.press("a");
  expect(await site.stored()).toEqual([]);
  await second.keyboard.press("a");
  await saved(second);
  await idle(second);

  // The first one has it back when the second is closed.
  await second.close();
  await idle(page);
});
