/** The states of Review and the dialogs, for people who see, hear or move differently. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { takeIncident } from "../../src/review/holds/take.ts";
import { faultsEverywhere } from "./page-check.ts";
import { armed, idle, note, ready, saved, sharp } from "./review-page.ts";
import { signIn, signInAs } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

async function expectFine(page: Page, state: string) {
  // Colours do not change with the width.
  const faults = await faultsEverywhere(page, (theme, width) => width === 1440 || (width === 320 && theme === "dark"));
  expect(faults.map((fault) => `${state}: ${fault}`)).toEqual([]);
}

test("Review is in order while one looks, arms, chooses, escalates, rests, and when nothing waits", async () => {
  const site = await startSite();
  await site.show("8812", { frames: 6, aspect: "portrait" });
  await site.show("4410", { category: "suggestive" });
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await sharp(page).waitFor();
  await expectFine(page, "looking");

  await page.keyboard.press("3");
  await armed(page).waitFor();
  await expectFine(page, "armed");
  await page.keyboard.press("Escape");
  for (const [key, shown] of [
    ["c", ".choices"],
    ["s", ".choices"],
    ["e", "dialog"],
  ] as const) {
    await ready(page);
    await page.keyboard.press(key);
    await page.locator(shown).waitFor();
    await expectFine(page, `after ${key}`);
    await page.keyboard.press("Escape");
    await page.locator(shown).waitFor({ state: "detached" });
  }
  await page.keyboard.press("a");
  await saved(page);
  await expectFine(page, "undo offered");
  await page.keyboard.press("b");
  await page.locator('[data-idle="break"]').waitFor();
  await expectFine(page, "on a break");
  await page.getByRole("button", { name: "Go on" }).click();
  await ready(page, "4410");
  await page.keyboard.press("a");
  await idle(page);
  await expectFine(page, "nothing waiting");
});

test("Review is in order when a hold has ended, the connection is lost and the session is gone", async () => {
  const site = await startSite();
  const incidentId = await site.show("8812");
  await site.show("8813", { bare: true });
  const { page, context } = await openDesk({ expected: /net::ERR_|status of 40[19]/ });
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await note(page).fill("a note");
  await takeIncident(site.context, await site.review.addUser("Lead Two", "lead"), incidentId, { takeOver: true });
  await page.locator('[data-ended="taken-over"]').waitFor({ timeout: 10_000 });
  await expectFine(page, "taken over");
  await page.getByRole("button", { name: "Next" }).click();
  await ready(page, "8813");
  await expectFine(page, "without a picture");

  await context.setOffline(true);
  await page.locator('[data-notice="lost"]').waitFor({ timeout: 15_000 });
  await expectFine(page, "connection lost");
  await context.setOffline(false);
  await page.locator('[data-connection="connected"]').waitFor({ timeout: 15_000 });
  await context.clearCookies();
  await page.keyboard.press("a");
  await page.getByRole("dialog", { name: "Your session has ended" }).waitFor({ timeout: 15_000 });
  await expectFine(page, "session ended");
});

test("the dialogs of the shell and of the Queue are in order", async () => {
  const site = await startSite();
  for (const stream of ["8812", "4410", "7120"]) await site.show(stream, { category: "suggestive" });
  const { page } = await openDesk();
  await signIn(site, page, "lead", "/queue");
  await page.locator(".queue-table tbody tr").first().waitFor();
  for (const [press, name] of [
    ["?", "Keys"],
    ["Control+k", "Commands"],
  ] as const) {
    await page.keyboard.press(press);
    await page.getByRole("dialog", { name }).waitFor();
    await expectFine(page, name);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await page.getByRole("button", { name: "Menu of Local lead" }).click();
  await page.getByRole("button", { name: "Preferences" }).waitFor();
  await expectFine(page, "menu");
  await page.getByRole("button", { name: "Preferences" }).click();
  await page.getByRole("dialog", { name: "Preferences" }).waitFor();
  await expectFine(page, "preferences");
  await page.keyboard.press("Escape");
  await page.getByRole("checkbox", { name: "Select all listed" }).check();
  await page.getByRole("button", { name: "Assign…" }).waitFor();
  await expectFine(page, "selected");
  for (const name of ["Assign…", "Close as…"]) {
    await page.getByRole("button", { name }).click();
    await page.getByRole("dialog").waitFor();
    await expectFine(page, name);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await page.goto(`${site.url}/queue?search=nothing-of-this-name`);
  await page.getByText("No incident matches").waitFor();
  await expectFine(page, "nothing matches");
});

test("pages that are not there or not for the person, and those before the sign-in, are in order", async () => {
  const site = await startSite();
  const signedOut = await openDesk({ expected: /status of 401/ });
  await signedOut.page.goto(`${site.url}/queue`);
  await signedOut.page.getByRole("heading", { name: "Sign in" }).waitFor();
  await expectFine(signedOut.page, "signed out");
  await signedOut.page.goto(`${site.url}/auth/sign-in`);
  await signedOut.page.getByRole("button").first().waitFor();
  await expectFine(signedOut.page, "sign-in");

  const desk = await openDesk({ expected: /status of 404/ });
  await signInAs(site, desk, await site.review.addUser("Viewer", "viewer"), "/queue");
  for (const path of ["/nowhere", "/review", "/incidents/4711"]) {
    await desk.page.goto(site.url + path);
    await desk.page.locator("h1").waitFor();
    await expectFine(desk.page, path);
  }
});
