/** The console in a real Chromium: how soon the next incident is there, and how the Queue of 5,000 rows keeps up. */
import type { Page } from "playwright-core";
import { openBrowser } from "../../test/browser/chromium.ts";
import { fillQueue, touch } from "../../test/browser/many-incidents.ts";
import { openSite, type Site, signIn } from "../../test/browser/site.ts";
import { startPostgresServer } from "../../test/services.ts";

export interface ConsoleResult {
  /** From the key of a decision until the next incident stands on the screen with its cover decoded. */
  nextMs: { p50: number; p95: number; most: number };
  queue: { framesPerSecond: number; longestTaskMs: number };
}

/** @param options.decisions made one after the other; `seconds` for which ↓ is held, with 50 rows changing in each */
export async function benchConsole(options: { decisions: number; seconds: number }): Promise<ConsoleResult> {
  await using postgres = await startPostgresServer({ fsync: "off" });
  process.env.DATABASE_URL_TEST = postgres.url;
  const browser = await openBrowser();
  try {
    const inDesk = async <T>(measure: (site: Site, page: Page) => Promise<T>): Promise<T> => {
      const site = await openSite();
      const desk = await browser.openDesk();
      const result = await measure(site, desk.page);
      await desk.close();
      await site.close();
      return result;
    };
    const nextMs = await inDesk((site, page) => decideAll(site, page, options.decisions));
    const queue = await inDesk((site, page) => holdDown(site, page, options.seconds));
    return { nextMs, queue };
  } finally {
    await browser.close();
  }
}

async function decideAll(site: Site, page: Page, count: number): Promise<ConsoleResult["nextMs"]> {
  for (let at = 0; at <= count + 1; at += 1) await site.show(`stream-${at}`, { category: "suggestive", frames: 4 });
  await signIn(site, page, "moderator");
  const took: number[] = [];
  for (let at = 0; at < count; at += 1) {
    await page.locator(".actions:not([data-muted])").waitFor();
    took.push(Number(await page.evaluate(timedDecision)));
  }
  const sorted = took.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { p50: at(0.5), p95: at(0.95), most: at(1) };
}

/** In the page: presses A and looks at each frame until another stream's cover is drawn. */
const timedDecision = `new Promise((done) => {
  const stream = () => document.querySelector('[data-fact="stream"] strong')?.textContent;
  const before = stream();
  const pressedMs = performance.now();
  for (const type of ["keydown", "keyup"])
    dispatchEvent(new KeyboardEvent(type, { key: "a", code: "KeyA", bubbles: true, cancelable: true }));
  const look = () => {
    const cover = document.querySelector("[data-stage] img");
    if (stream() !== undefined && stream() !== before && cover?.complete)
      requestAnimationFrame(() => done(performance.now() - pressedMs));
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})`;

async function holdDown(site: Site, page: Page, seconds: number): Promise<ConsoleResult["queue"]> {
  const ids = await fillQueue(site.context, 5_000);
  await signIn(site, page, "lead", "/queue");
  await page.locator('.queue-table[aria-rowcount="5001"]').waitFor();
  await page.evaluate(countFrames);
  const untilMs = Date.now() + seconds * 1_000;
  let changeAtMs = Date.now();
  for (let step = 0; Date.now() < untilMs; step += 1) {
    await page.keyboard.down("ArrowDown");
    if (Date.now() < changeAtMs) continue;
    changeAtMs += 1_000;
    await touch(site.context, ids.slice(step, step + 50));
  }
  await page.keyboard.up("ArrowDown");
  const { frames, ms, longest } = (await page.evaluate("window.counted()")) as Record<
    "frames" | "ms" | "longest",
    number
  >;
  return { framesPerSecond: Math.round((frames / ms) * 1_000), longestTaskMs: Math.round(longest) };
}

const countFrames = `(() => {
  const counts = { frames: 0, longest: 0, sinceMs: performance.now() };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) counts.longest = Math.max(counts.longest, duration);
  }).observe({ type: "longtask" });
  const look = () => {
    counts.frames += 1;
    requestAnimationFrame(look);
  };
  look();
  window.counted = () => ({ frames: counts.frames, longest: counts.longest, ms: performance.now() - counts.sinceMs });
})()`;
