/** Sites and desks of a test: made when asked for, gone at its end, and a page that complained fails it. */

import type { BrowserContextOptions } from "playwright-core";
import { afterAll, expect, onTestFinished } from "vitest";
import { type Desk, openBrowser, type TestBrowser } from "./chromium.ts";
import { openSite, type Site, type SiteOptions } from "./site.ts";

let browser: Promise<TestBrowser> | undefined;
afterAll(async () => (await browser)?.close());

export async function startSite(options: SiteOptions = {}): Promise<Site> {
  const site = await openSite(options);
  onTestFinished(() => site.close());
  return site;
}

export interface DeskOptions extends BrowserContextOptions {
  /** Complaints that the test brings about on purpose; a page may have them or not. */
  expected?: RegExp;
}

/** Says that an interface of this machine came or went, as containers make it: no matter of the page's. */
const ofTheMachine = /net::ERR_NETWORK_CHANGED/;

/** The desk is left before its site closes, since hooks at the end run in reverse order. */
export async function openDesk({ expected, ...options }: DeskOptions = {}): Promise<Desk> {
  browser ??= openBrowser();
  const desk = await (await browser).openDesk(options);
  onTestFinished(async () => {
    await desk.close();
    expect(desk.complaints.filter((complaint) => !expected?.test(complaint) && !ofTheMachine.test(complaint))).toEqual(
      [],
    );
  });
  return desk;
}
