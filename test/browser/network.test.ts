/** What a moderator has decided is applied once or named as not applied, whatever happens on the way. */
import { expect, test } from "vitest";
import { idle, lastTen, note, ready, saved, streamOnStage, undoSlot } from "./review-page.ts";
import { type ReviewProcess, startReviewProcess } from "./review-process.ts";
import { type Road, startRoad } from "./road.ts";
import { type Server, type SiteParts, serveHere, signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

const unreachable = /net::ERR_/;

/** A site whose server, `inner`, is behind a road. */
async function atReview<Inner extends Server>(
  streams: readonly string[],
  serve: (parts: SiteParts) => Promise<Inner>,
  expected = unreachable,
) {
  const behind: { inner: Inner; road: Road }[] = [];
  const site = await startSite({
    async serve(parts) {
      const inner = await serve(parts);
      const road = await startRoad(Number(new URL(inner.url).port));
      behind.push({ inner, road });
      return {
        url: road.url,
        async close() {
          road.close();
          await inner.close();
        },
      };
    },
  });
  for (const stream of streams) await site.show(stream, { category: "suggestive" });
  const desk = await openDesk({ expected });
  await signIn(site, desk.page, "moderator");
  await ready(desk.page);
  const [{ inner, road }] = behind as [{ inner: Inner; road: Road }];
  return { site, ...desk, inner, road };
}

const connection = (text: string) => `[data-connection="${text}"]`;
const notApplied = '[data-notice="not-applied"]';

test("while the network is cut decisions on what is held are kept, and each is applied once when it is back", async () => {
  const { site, page, road } = await atReview(["one", "two"], serveHere);
  road.cut();
  await page.keyboard.press("a");
  await undoSlot(page).getByText("kept here").waitFor();
  await page.locator(connection("lost")).waitFor({ timeout: 10_000 });
  expect(await page.locator('[data-notice="lost"]').textContent()).toMatch(/Your hold lasts \d:\d\d more/);
  await ready(page);
  await page.keyboard.press("1");
  await page.getByText("Nothing more can be decided until the server is back.").waitFor();
  expect(await site.stored()).toEqual([]);
  road.mend();
  await page.locator(connection("connected")).waitFor({ timeout: 15_000 });
  await saved(page);
  expect(await site.stored()).toMatchObject([{ outcome: "no-violation" }, { action: "warn" }]);
  site.advance(10_000);
  await expect.poll(site.decisions, { timeout: 10_000 }).toHaveLength(2);
});

test("a decision that comes after the end of its hold is named as not applied until that is read", async () => {
  const { site, page, road } = await atReview(["one"], serveHere, /net::ERR_|status of 409/);
  await page.keyboard.press("n");
  await page.keyboard.type("as yesterday");
  await page.keyboard.press("Escape");
  road.cut();
  site.advance(121_000);
  await page.keyboard.press("1");
  await undoSlot(page).getByText("kept here").waitFor();
  road.mend();
  await page.locator(notApplied).waitFor({ timeout: 15_000 });
  expect(await page.locator(notApplied).textContent()).toMatch(/Not applied: Warned one/);
  expect(await site.stored()).toEqual([]);

  await page.reload();
  await page.locator(notApplied).waitFor();
  await page.locator(notApplied).getByRole("button", { name: "Read" }).click();
  await page.locator(notApplied).waitFor({ state: "detached" });
  await page.reload();
  await ready(page, "one");
  expect(await page.locator(notApplied).count()).toBe(0);
});

test("a server that dies after it has stored a decision answers its repetition with the first answer", async () => {
  const { site, page, road, inner } = await atReview<ReviewProcess>(["one", "two"], startReviewProcess);
  const newest = () => lastTen(page).first().textContent();
  const first = await streamOnStage(page);
  road.loseAnswers();
  await page.keyboard.press("a");
  await expect.poll(site.stored, { timeout: 10_000 }).toHaveLength(1);
  await inner.kill();
  road.mend();
  await expect.poll(newest, { timeout: 15_000 }).toContain("kept here");
  await inner.restart();
  await expect.poll(newest, { timeout: 20_000 }).toMatch(/goes out|sent/);
  expect(await site.stored()).toHaveLength(1);
  await ready(page);
  await page.keyboard.press("1");
  await expect.poll(site.decisions, { timeout: 25_000 }).toHaveLength(2);
  expect(site.decisions()[0]).toMatchObject({ streamId: first, outcome: "no-violation" });
});

test("when the session is gone, a decision and its note wait for the sign-in, and then go once", async () => {
  const { site, page, context } = await atReview(["one", "two"], serveHere, /status of 401/);
  await page.keyboard.press("n");
  await page.keyboard.type("looked at twice");
  await page.keyboard.press("Escape");
  await context.clearCookies();
  await page.keyboard.press("a");
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor();
  const [popup] = await Promise.all([
    context.waitForEvent("page"),
    dialog.getByRole("button", { name: "Sign in" }).click(),
  ]);
  await popup.getByRole("button", { name: "Sign in as moderator" }).click();
  await dialog.waitFor({ state: "detached" });
  await saved(page);
  expect(await site.stored()).toMatchObject([{ note: "looked at twice" }]);
  expect(popup.isClosed()).toBe(true);
  await ready(page);
  await page.keyboard.press("a");
  await idle(page);
  await expect.poll(site.stored).toHaveLength(2);
});

test("a decision that was not sent when the page was closed goes when it is opened again", async () => {
  const { site, page, context, road } = await atReview(["one"], serveHere);
  road.cut();
  await page.keyboard.press("1");
  await undoSlot(page).getByText("kept here").waitFor();
  await page.close();
  road.mend();
  const again = await context.newPage();
  await again.goto(`${site.url}/review`);
  await saved(again);
  expect(await site.stored()).toMatchObject([{ action: "warn" }]);
  expect(await undoSlot(again).textContent()).toMatch(/Warned one/);
});

test("a page whose code does not come is loaded anew, and once more when asked", async () => {
  const { page } = await atReview(["one"], serveHere, /net::ERR_|preload CSS|dynamically imported/);
  await page.route("**/assets/queue-page*", (route) => route.abort());
  await page.getByRole("link", { name: "Queue" }).click();
  await page.getByText("This page could not be loaded.").waitFor();
  await page.unroute("**/assets/queue-page*");
  await page.getByRole("button", { name: "Retry" }).click();
  await page.locator(".queue-table").waitFor();
});

test("a note that is being written outlives a lost connection", async () => {
  const { page, road } = await atReview(["one"], serveHere);
  await page.keyboard.press("n");
  await page.keyboard.type("first half");
  road.cut();
  await page.locator(connection("lost")).waitFor({ timeout: 10_000 });
  await page.keyboard.type(", second half");
  road.mend();
  await page.locator(connection("connected")).waitFor({ timeout: 15_000 });
  expect(await note(page).inputValue()).toBe("first half, second half");
});
