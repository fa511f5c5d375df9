/** Quality: each figure in words, as a plot and as a table. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { addDecision, addIncident } from "../review-rows.ts";
import { type Site, signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

const patient = { timeout: 20_000 };

/** Decides as many incidents of a category, of which so many are confirmed. */
async function decide(site: Site, category: string, count: number, confirmed: number): Promise<void> {
  const person = await site.review.addUser(`Moderator of ${category}`);
  for (let at = 0; at < count; at += 1) {
    const id = await addIncident(site.context, { category, severity: "low", stream_id: `${category}-${at}` });
    const confirms = { outcome: "violation" as const, category, action: "warn" };
    await addDecision(site.context, id, person, at < confirmed ? confirms : {});
  }
}

test("precision has a sentence, a dot with its interval, and too few is said below thirty decisions", async () => {
  const site = await startSite();
  await decide(site, "pornography", 40, 30);
  await decide(site, "suggestive", 12, 3);
  const { page } = await openDesk();
  await signIn(site, page, "moderator", "/quality");
  const precision = page.locator('[data-section="precision"]');
  await precision.getByText("33 of 52 findings that were decided were confirmed: 63.5 %.").waitFor(patient);
  const rows = precision.locator("li.shares-row");
  await expect.poll(() => rows.filter({ hasText: "pornography" }).textContent()).toMatch(/75\s% \(59\.8–85\.8\)/);
  await expect.poll(() => rows.filter({ hasText: "suggestive" }).textContent()).toContain("too few (12)");
  expect(await precision.locator(".shares-dot").count()).toBe(1);

  await page.getByRole("button", { name: "Tables" }).click();
  await expect.poll(() => precision.locator("tbody tr").count()).toBe(2);
  expect(await precision.locator("tbody tr", { hasText: "suggestive" }).textContent()).toMatch(/31225\s%/);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Precision as CSV" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("quality-precision.csv");
  expect(await readFile(await download.path(), "utf8")).toContain("pornography,nsfw,1,nsfw-1,30,40,0.75,");
});

test("the filters stand in the address, and figures that nobody made yet are said to be none", async () => {
  const site = await startSite();
  await decide(site, "pornography", 3, 1);
  const { page } = await openDesk();
  await signIn(site, page, "moderator", "/quality");
  await page.getByLabel("Policy").selectOption("nsfw-1");
  await page.getByRole("combobox", { name: /^Time/ }).selectOption({ label: "Last 30 days" });
  await page.waitForURL("**/quality?days=30&policyVersion=nsfw-1");
  await page.locator('[data-section="days"]').getByText("3 decisions on 1 day, 1 of them confirmed.").waitFor(patient);
  await page.locator('[data-section="missed"]').getByText("No sampled capture was decided").waitFor();
  expect(await page.locator(".day-chart canvas").count()).toBe(1);
});
