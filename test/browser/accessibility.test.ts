/** Every page, in both themes and at every width, for people who see, hear or move differently. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { faultsEverywhere, layoutFaults } from "./page-check.ts";
import { openSite, type Site, signIn } from "./site.ts";
import { openDesk } from "./site-of-test.ts";
import { fillWorkingDay } from "./working-day.ts";

let site: Site;
beforeAll(async () => {
  site = await openSite();
  await fillWorkingDay(site);
});
afterAll(() => site.close());

const waiting = () =>
  site.context.db.selectFrom("incidents").select("id").where("state", "!=", "closed").executeTakeFirstOrThrow();

const pages = {
  Review: { path: () => "/review", shown: ".actions:not([data-muted])" },
  Queue: { path: () => "/queue", shown: ".queue-table tbody tr[data-id]" },
  "Queue in groups": { path: () => "/queue?group=category", shown: "table" },
  Incident: { path: async () => `/incidents/${(await waiting()).id}`, shown: ".filmstrip" },
  Quality: { path: () => "/quality", shown: ".quality-figures" },
  "Admin: keys": { path: () => "/admin/keys", shown: "table" },
  "Admin: actions": { path: () => "/admin/actions", shown: "form" },
  "Admin: log": { path: () => "/admin/log", shown: "table" },
} as const;

test.each(Object.entries(pages))(
  "%s has nothing serious for axe, nothing cut off, and no sideways scroll: in forced colours and with large text, too",
  async (_name, { path, shown }) => {
    const { page, context } = await openDesk({ reducedMotion: "reduce" });
    await signIn(site, page, "admin", await path());
    await page.locator(shown).first().waitFor();
    expect(await faultsEverywhere(page)).toEqual([]);

    await page.emulateMedia({ forcedColors: "active" });
    expect(await layoutFaults(page)).toEqual([]);
    expect(await invisibleShapes(page)).toEqual([]);
    await page.emulateMedia({ forcedColors: "none" });

    // Text of twice the size, as a person sets it for all pages.
    const devtools = await context.newCDPSession(page);
    await devtools.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
    await expect.poll(() => page.evaluate(() => getComputedStyle(document.documentElement).fontSize)).toBe("28px");
    expect(await layoutFaults(page)).toEqual([]);
  },
);

/** Marks that say something by their shape, and have the colour of what is behind them. */
function invisibleShapes(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll(".severity rect, .state svg *")]
      .filter((shape) => getComputedStyle(shape).fill === getComputedStyle(document.body).backgroundColor)
      .map((shape) => shape.outerHTML),
  );
}
