/** What tests read of the Review page, and wait for. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

const patient = { timeout: 15_000 };

/** The picture is painted, keys were up, and decisions are taken; of this stream, if one is named. */
export async function ready(page: Page, streamId?: string): Promise<void> {
  if (streamId) await expect.poll(() => streamOnStage(page), patient).toBe(streamId);
  await page.locator(".actions:not([data-muted])").waitFor(patient);
}

export const stage = (page: Page) => page.locator("[data-stage]");
export const sharp = (page: Page) => page.locator("[data-sharp] img");
export const undoSlot = (page: Page) => page.locator(".undo");
export const armed = (page: Page) => page.locator("[data-armed]");
export const note = (page: Page) => page.locator('[data-fact="note"] textarea');
export const lastTen = (page: Page) => page.locator('[data-fact="last-ten"] li');

/** null: nothing is on the stage. */
export async function streamOnStage(page: Page): Promise<string | null> {
  const name = page.locator('[data-fact="stream"] strong');
  return (await name.count()) === 0 ? null : name.first().textContent();
}

/** Nothing waits and nothing is held. */
export const idle = (page: Page) => page.locator('[data-idle="empty"]').waitFor(patient);

/** Waits until the newest decision has reached the server and can be undone. */
export const saved = (page: Page) => page.locator('.undo[data-undo="saved"]').waitFor(patient);
