/** No decision by accident, and none lost: from the claim to the platform. */
import { expect, test } from "vitest";
import { armed, idle, lastTen, ready, saved, sharp, streamOnStage, undoSlot } from "./review-page.ts";
import { signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

test("a moderator claims, looks, decides, takes it back, decides anew, and the platform hears of that once", async () => {
  const site = await startSite();
  const incidentId = await site.show("7120", { frames: 3, attributes: { title: "Late kitchen", viewers: "2310" } });
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "7120");
  expect(await page.locator("h1").textContent()).toMatch(/severe.*pornography.*peak 0\.94/is);

  await page.keyboard.down("Space");
  await sharp(page).waitFor();
  await page.keyboard.up("Space");
  await page.keyboard.press("1");
  await idle(page);
  await saved(page);
  expect(await undoSlot(page).textContent()).toMatch(/Warned 7120.*goes out in 0:\d\d/s);

  await page.keyboard.press("z");
  await ready(page, "7120");
  expect(await undoSlot(page).textContent()).toContain("Taken back: 7120");
  await page.keyboard.press("a");
  await saved(page);
  site.advance(10_000);
  await expect.poll(site.decisions, { timeout: 10_000 }).toHaveLength(1);
  expect(site.decisions()[0]).toMatchObject({ incidentId, streamId: "7120", outcome: "no-violation", seenThrough: 3 });
  await expect.poll(() => lastTen(page).first().textContent()).toMatch(/No violation: 7120\s+sent/);
  expect(await site.stored()).toMatchObject([{ undone_at: expect.any(Date) }, { undone_at: null }]);
});

test("a decision leaves after ten seconds, a severe one on a live stream after three", async () => {
  const site = await startSite();
  await site.show("mild", { category: "suggestive" });
  await site.show("grave");
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  // The graver one comes first; the milder one leaves no sooner for that.
  await ready(page, "grave");
  await page.keyboard.press("4");
  await page.keyboard.press("Enter");
  await ready(page, "mild");
  await page.keyboard.press("1");
  await expect.poll(() => site.topic.published.length, { timeout: 20_000 }).toBe(2);
  const waits = site.topic.published.map(({ decision, atMs }) => [
    decision.streamId,
    Math.floor((atMs - Date.parse(decision.decidedAt)) / 1_000),
  ]);
  expect(waits).toEqual([
    ["grave", expect.toSatisfy((seconds) => seconds >= 3 && seconds < 10)],
    ["mild", expect.toSatisfy((seconds) => seconds >= 10)],
  ]);
});

test("a severe action takes two keys: time, Esc and any other key disarm it, and Enter commits it", async () => {
  const site = await startSite();
  await site.show("8812");
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");

  await page.keyboard.press("3");
  await armed(page).waitFor();
  expect(await armed(page).textContent()).toMatch(/End stream: 8812/);
  expect(await armed(page).evaluate((button) => document.activeElement === button)).toBe(true);
  await armed(page).waitFor({ state: "detached", timeout: 10_000 });
  await page.keyboard.press("Enter");

  for (const other of ["Escape", "3", "1", "ArrowRight"]) {
    await ready(page);
    await page.keyboard.press("3");
    await armed(page).waitFor();
    await page.keyboard.press(other);
    await armed(page).waitFor({ state: "detached" });
    await page.keyboard.press("Enter");
    expect(await streamOnStage(page)).toBe("8812");
  }
  expect(await site.stored()).toEqual([]);

  await page.keyboard.press("3");
  await armed(page).waitFor();
  await page.keyboard.press("Enter");
  await idle(page);
  await saved(page);
  expect(await site.stored()).toMatchObject([{ action: "end-stream" }]);
});

test("the armed button takes a click, and a click elsewhere disarms it", async () => {
  const site = await startSite();
  await site.show("8812");
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await page.getByRole("button", { name: "Suspend…" }).click();
  await armed(page).waitFor();
  await page.locator(".facts").click({ position: { x: 5, y: 5 } });
  await armed(page).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Suspend…" }).click();
  await armed(page).click();
  await idle(page);
  await expect.poll(site.stored).toMatchObject([{ action: "suspend" }]);
});

test("a corrected category goes with the decision, and choosing it sends nothing", async () => {
  const site = await startSite();
  await site.show("8812");
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await page.keyboard.press("c");
  await page.getByRole("group", { name: "Category" }).waitFor();
  await page.keyboard.press("2");
  await page.getByRole("button", { name: "Category: drawn-pornography" }).waitFor();
  expect(await site.stored()).toEqual([]);
  await page.keyboard.press("1");
  await idle(page);
  await expect.poll(site.stored).toMatchObject([{ action: "warn", category: "drawn-pornography" }]);
});

test("a skipped incident goes back for others, an escalated one with its note to the leads", async () => {
  const site = await startSite();
  await site.show("8812");
  await site.show("8813", { category: "suggestive" });
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await page.keyboard.press("s");
  await page.getByText("I am unsure").waitFor();
  await page.keyboard.press("1");
  await ready(page, "8813");
  await page.keyboard.press("e");
  await page.getByLabel("What should the lead know?").fill("Is this a film?");
  await page.keyboard.press("Control+Enter");
  await idle(page);
  const states = () =>
    site.context.db.selectFrom("incidents").select(["stream_id", "state", "escalation_note"]).orderBy("id").execute();
  await expect.poll(states).toEqual([
    { stream_id: "8812", state: "open", escalation_note: null },
    { stream_id: "8813", state: "escalated", escalation_note: "Is this a film?" },
  ]);

  const lead = await openDesk();
  await signIn(site, lead.page, "lead");
  await ready(lead.page, "8813");
  await lead.page.getByText("Is this a film?").waitFor();
});
