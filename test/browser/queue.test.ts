/** The Queue: thousands of rows that stand still, filters in the address, and closing many at once. */
import { expect, test } from "vitest";
import { reprioritiseWaiting } from "../../src/review/incidents/reprioritise.ts";
import { addIncident } from "../review-incidents.ts";
import { fillQueue, touch } from "./many-incidents.ts";
import { focusedRow, idsOf, row, rows, status } from "./queue-page.ts";
import { signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

const patient = { timeout: 20_000 };

test("of 5,000 rows those in view exist; with ↓ held and rows changing, the focus stays with its row", async () => {
  // The clock stands still: priorities that change while pages are read would put the rows into another order.
  const nowMs = Date.now();
  const site = await startSite({ context: { now: () => nowMs } });
  const ids = await fillQueue(site.context, 5_000);
  await reprioritiseWaiting(site.context);
  const { page } = await openDesk();
  await signIn(site, page, "lead", "/queue");
  await expect.poll(() => status(page).textContent(), patient).toContain("5,000 match");
  await expect.poll(() => page.locator(".queue-table").getAttribute("aria-rowcount"), patient).toBe("5001");

  await page.evaluate(() => {
    const most = { rows: 0 };
    Object.assign(window, { most });
    const look = () => {
      most.rows = Math.max(most.rows, document.querySelectorAll(".queue-table tr[data-id]").length);
      requestAnimationFrame(look);
    };
    look();
  });
  for (let step = 0; step < 200; step += 1) {
    if (step % 20 === 0) await touch(site.context, ids.slice(step, step + 50));
    await page.keyboard.down("ArrowDown");
  }
  await page.keyboard.up("ArrowDown");
  expect(await focusedRow(page)).toBe(ids[199]);
  await expect.poll(() => row(page, ids[199] ?? 0).textContent(), patient).toContain("stream-200");
  // The row that changed shows it, in its place.
  await touch(site.context, [ids[199] ?? 0]);
  const frames = row(page, ids[199] ?? 0).locator("td:nth-child(7)");
  await expect.poll(async () => Number(await frames.textContent()), patient).toBeGreaterThan(1);
  expect(await focusedRow(page)).toBe(ids[199]);
  expect(await page.evaluate(() => (window as unknown as { most: { rows: number } }).most.rows)).toBeLessThan(60);

  // Scrolled out of view, the focused row is kept, and so is the focus.
  const far = row(page, ids[2_000] ?? 0);
  await page.locator(".queue-scroller").evaluate((scroller) => scroller.scrollTo(0, 40 * 2_000));
  await far.waitFor(patient);
  expect(await focusedRow(page)).toBe(ids[199]);

  await page.keyboard.press("End");
  await expect.poll(() => focusedRow(page), patient).toBe(ids.at(-1));
  await page.keyboard.press("Home");
  await expect.poll(() => focusedRow(page), patient).toBe(ids[0]);
});

test("rows keep their places: what is new is counted and waits, what is closed stays until asked", async () => {
  const site = await startSite();
  const [first = 0, second = 0, third = 0] = await fillQueue(site.context, 3);
  const { page } = await openDesk();
  await signIn(site, page, "lead", "/queue");
  await expect.poll(() => idsOf(page), patient).toEqual([first, second, third]);

  const urgent = await addIncident(site.context, { stream_id: "urgent", priority: 999_999 });
  await site.context.db.updateTable("incidents").set({ priority: 999_998 }).where("id", "=", third).execute();
  await touch(site.context, [third]);
  await site.context.db.updateTable("incidents").set({ state: "closed" }).where("id", "=", second).execute();
  await touch(site.context, [second]);
  const showNew = page.getByRole("button", { name: "1 new: show" });
  await showNew.waitFor(patient);
  await expect.poll(() => row(page, second).textContent(), patient).toContain("no longer matches");
  expect(await idsOf(page)).toEqual([first, second, third]);

  await showNew.click();
  await expect.poll(() => idsOf(page)).toEqual([urgent, third, first]);
});

test("filters stand in the address, and an empty list names the one that hides everything", async () => {
  const site = await startSite();
  const severe = await addIncident(site.context, { stream_id: "night ride", severity: "severe" });
  const low = await addIncident(site.context, { stream_id: "morning", severity: "low", category: "suggestive" });
  const { page } = await openDesk();
  await signIn(site, page, "moderator", "/queue");
  await expect.poll(async () => new Set(await idsOf(page)), patient).toEqual(new Set([severe, low]));

  await page.getByRole("button", { name: "Severity", exact: true }).click();
  await page.getByRole("checkbox", { name: "Severe" }).check();
  await page.waitForURL("**/queue?severity=severe");
  await expect.poll(() => idsOf(page), patient).toEqual([severe]);
  await page.keyboard.press("Escape");
  await page.keyboard.press("/");
  await page.keyboard.type("morn");
  await page.waitForURL("**/queue?search=morn&severity=severe");
  await page.getByText("No incident matches search and severity.").waitFor(patient);
  await page.reload();
  await page.getByRole("button", { name: "Clear severity" }).click();
  await expect.poll(() => idsOf(page), patient).toEqual([low]);
  expect(new URL(page.url()).search).toBe("?search=morn");
});

test("keys move and open, and coming back one stands where one was; moderators select nothing", async () => {
  const site = await startSite();
  const [, second = 0] = await fillQueue(site.context, 3);
  const { page } = await openDesk();
  await signIn(site, page, "moderator", "/queue");
  await rows(page).first().waitFor(patient);
  for (const key of ["j", "j", "x"]) await page.keyboard.press(key);
  expect(await page.locator(".queue-bulk, .queue-select").count()).toBe(0);
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/incidents/${second}`);
  await page.goBack();
  await expect.poll(() => row(page, second).getAttribute("tabindex"), patient).toBe("0");
});

test("many are closed at once only when ten were looked at, the count is typed and a note is written", async () => {
  const site = await startSite();
  for (let at = 1; at <= 11; at += 1) await site.show(`stream-${at}`, { category: "suggestive", severity: "low" });
  const { page } = await openDesk();
  await signIn(site, page, "lead", "/queue");
  await expect.poll(() => rows(page).count(), patient).toBe(11);
  await page.getByRole("checkbox", { name: "Select all listed" }).check();
  await page.getByRole("button", { name: "Close as…" }).click();
  const close = page.getByRole("button", { name: "Close 11" });
  await close.evaluate((button) => button instanceof HTMLElement && button.click());
  await page.getByText("Look at each of those drawn first.").waitFor();

  const looks = page.locator(".bulk-looks button");
  expect(await looks.count()).toBe(10);
  await page.getByLabel("Close as").selectOption("no-violation");
  await page.getByLabel("Note").fill("A broken model");
  await page.getByLabel("Type 11 to confirm").fill("11");
  for (let at = 0; at < 10; at += 1) {
    expect(await close.getAttribute("aria-disabled")).toBe("true");
    await looks.nth(at).click();
    await page.getByText(`${at + 1} of 10 looked at`).waitFor(patient);
  }
  expect(await site.stored()).toEqual([]);
  await close.click();
  await page.getByText("11 incidents closed.").waitFor(patient);
  expect(await site.stored()).toHaveLength(11);
});

test("a lead gives incidents to a person", async () => {
  const site = await startSite();
  const [first = 0] = await fillQueue(site.context, 2);
  const person = await site.review.addUser("Li Wei");
  const { page } = await openDesk();
  await signIn(site, page, "lead", "/queue");
  await rows(page).first().waitFor(patient);
  for (const key of ["j", "x"]) await page.keyboard.press(key);
  await page.getByRole("button", { name: "Assign…" }).click();
  await page.getByRole("combobox", { name: /^To/ }).selectOption({ label: "Li Wei" });
  await page.getByRole("button", { name: "Assign", exact: true }).click();
  await page.getByText("1 incident assigned.").waitFor(patient);
  const given = site.context.db.selectFrom("incidents").select("id").where("assigned_to", "=", person.id);
  expect(await given.execute()).toEqual([{ id: first }]);
});
