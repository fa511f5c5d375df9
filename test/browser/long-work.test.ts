/** Hours of work: nothing moves under one's eyes, and nothing is left behind. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { ready, sharp, streamOnStage } from "./review-page.ts";
import { signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

const decisions = 30;

test("through thirty decisions nothing shifts, pictures are freed, and the page does not grow", async () => {
  const site = await startSite();
  for (let at = 1; at <= decisions + 5; at += 1)
    await site.show(`stream-${at}`, { category: "suggestive", frames: 1 + (at % 4) });
  const { page, context } = await openDesk();
  await page.addInitScript(countBlobs);
  await signIn(site, page, "moderator");
  await ready(page);
  await page.evaluate(countShifts);
  const devtools = await context.newCDPSession(page);
  const nodes = async () => {
    await devtools.send("HeapProfiler.collectGarbage");
    const { metrics } = await devtools.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "Nodes")?.value ?? Number.NaN;
  };
  await devtools.send("Performance.enable");

  let afterTen = Number.NaN;
  for (let at = 1; at <= decisions; at += 1) {
    await ready(page);
    const stream = await streamOnStage(page);
    await page.keyboard.down("Space");
    await sharp(page).waitFor();
    await page.keyboard.up("Space");
    await page.keyboard.press(at % 2 === 0 ? "a" : "1");
    await expect.poll(() => streamOnStage(page), { interval: 20 }).not.toBe(stream);
    if (at === 10) afterTen = await nodes();
  }
  // Two incidents are kept: of each its thumbnails and a sharp picture. What has just left goes when its turn comes.
  await expect.poll(() => alivePictures(page)).toBeLessThanOrEqual(2 * (4 + 1));
  await expect.poll(nodes).toBeLessThan(afterTen * 1.2);
  expect(await page.evaluate(() => (window as unknown as { shifts: string[] }).shifts)).toEqual([]);
  await expect.poll(site.stored).toHaveLength(decisions);
});

/** Keeps the number of object URLs that are alive in `window.blobs`. */
function countBlobs(): void {
  const counts = Object.assign(window, { blobs: 0 });
  const { createObjectURL, revokeObjectURL } = URL;
  URL.createObjectURL = (object) => {
    counts.blobs += 1;
    return createObjectURL.call(URL, object);
  };
  URL.revokeObjectURL = (address) => {
    counts.blobs -= 1;
    revokeObjectURL.call(URL, address);
  };
}

/** Writes into `window.shifts` what has moved, from where and where to (https://web.dev/articles/cls). */
function countShifts(): void {
  const shifts: string[] = [];
  Object.assign(window, { shifts });
  const place = ({ x, y, width, height }: DOMRectReadOnly) => `${x},${y} ${width}x${height}`;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { sources } = entry as unknown as {
        sources: { node: Node; previousRect: DOMRect; currentRect: DOMRect }[];
      };
      for (const { node, previousRect, currentRect } of sources) {
        const element = node instanceof Element ? node : node?.parentElement;
        shifts.push(`${element?.outerHTML.slice(0, 120)}: ${place(previousRect)} → ${place(currentRect)}`);
      }
    }
  }).observe({ type: "layout-shift", buffered: false });
}

const alivePictures = (page: Page) => page.evaluate(() => (window as unknown as { blobs: number }).blobs);
