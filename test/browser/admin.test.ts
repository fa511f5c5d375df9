/** Admin: keys, people and settings, each changed only when the server says so. */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { type LocalRole, type Site, signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

const patient = { timeout: 20_000 };

async function atAdmin(section: string, role: LocalRole = "admin", expected?: RegExp) {
  const site = await startSite();
  const { page } = await openDesk({ expected });
  await signIn(site, page, role, `/admin/${section}`);
  return { site, page };
}

const setting = (site: Site, name: string) =>
  site.context.db.selectFrom("settings").select(["value", "version"]).where("name", "=", name).executeTakeFirst();

const save = (page: Page) => page.getByRole("button", { name: "Save", exact: true });

test("a key's secret is shown once and works, until the key is revoked", async () => {
  const { site, page } = await atAdmin("keys");
  await page.getByRole("button", { name: "New key…" }).click();
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("Give it a name").waitFor();
  await page.getByLabel("Name", { exact: true }).fill("nightly <b>report</b>");
  await page.getByLabel("read: reads as a viewer does").check();
  await page.getByRole("button", { name: "Create" }).click();
  const secret = await page.getByLabel("Secret").inputValue();
  const answer = () => fetch(`${site.url}/v1/quality`, { headers: { authorization: `Bearer ${secret}` } });
  expect((await answer()).status).toBe(200);

  await page.getByRole("button", { name: "Close" }).click();
  const line = page.locator("tr", { hasText: "nightly <b>report</b>" });
  await line.waitFor(patient);
  expect(await page.content()).not.toContain(secret);
  await line.getByRole("button", { name: /^Revoke/ }).click();
  await page.locator("dialog").getByRole("button", { name: "Revoke" }).click();
  await expect.poll(() => line.textContent(), patient).toContain("revoked");
  expect((await answer()).status).toBe(401);
});

test("what is typed is checked as it is typed, and retention says what it would delete before it is saved", async () => {
  const { site, page } = await atAdmin("evidence");
  const low = page.getByLabel("Low", { exact: true });
  await low.fill("0");
  await page.getByText("At least 1.").waitFor();
  expect(await save(page).getAttribute("aria-disabled")).toBe("true");
  await low.fill("7");
  await page
    .locator(".retention-preview")
    .getByText(/^Deletes/)
    .waitFor(patient);
  expect(await setting(site, "retention")).toBeUndefined();
  await save(page).click();
  await page.getByText("Saved.").waitFor(patient);
  expect(await setting(site, "retention")).toMatchObject({ version: 1, value: { low: 7, severe: 180 } });
});

test("a change made from an older version is refused with both shown; only a second word saves it", async () => {
  const { site, page } = await atAdmin("targets", "admin", /409/);
  const { page: other } = await openDesk();
  await signIn(site, other, "admin", "/admin/targets");
  for (const [desk, text] of [
    [other, "4 min"],
    [page, "3 min"],
  ] as const)
    await desk.getByLabel("Severe", { exact: true }).fill(text);
  await save(other).click();
  await other.getByText("Saved.").waitFor(patient);
  await save(page).click();
  const dialog = page.locator("dialog");
  await dialog.getByText("Somebody changed it meanwhile").waitFor(patient);
  expect(await dialog.locator("tbody").textContent()).toBe("Severe4 min3 min");
  expect(await setting(site, "targets")).toMatchObject({ version: 1, value: { severe: 240_000 } });

  await dialog.getByRole("button", { name: "Keep theirs" }).click();
  await expect.poll(() => page.getByLabel("Severe", { exact: true }).inputValue(), patient).toBe("4 min");
  await page.getByLabel("High", { exact: true }).fill("6 min");
  await other.getByLabel("Low", { exact: true }).fill("2 h");
  await save(other).click();
  await expect.poll(async () => (await setting(site, "targets"))?.version, patient).toBe(2);
  await save(page).click();
  await dialog.getByRole("button", { name: "Save mine over it" }).click();
  await page.getByText("Saved.").waitFor(patient);
  const last = { severe: 240_000, high: 360_000, medium: 900_000, low: 3_600_000 };
  expect(await setting(site, "targets")).toEqual({ version: 3, value: last });
});

test("actions are put into another order, added and named; Review shows them so", async () => {
  const { site, page } = await atAdmin("actions");
  await page.getByRole("button", { name: "Make Warn harder" }).click();
  await page.getByRole("button", { name: "Add an action" }).click();
  const added = page.locator(".action-fields").last();
  await expect.poll(() => added.textContent()).toContain("It needs a name.");
  expect(await save(page).getAttribute("aria-disabled")).toBe("true");
  await added.getByLabel("Name").fill("Age gate");
  await added.getByLabel("When done").fill("Gated");
  await save(page).click();
  await page.getByText("Saved.").waitFor(patient);
  await site.show("8812");
  await page.goto(`${site.url}/review`);
  const buttons = page.locator('[data-command^="review.action."]');
  await buttons.first().waitFor(patient);
  expect((await buttons.allTextContents()).map((text) => text.replace(/^\d|…$/g, "").trim())).toEqual([
    "Blur",
    "Warn",
    "End stream",
    "Suspend",
    "Age gate",
  ]);
});

test("a person's role is changed, and their access ended, which takes a second word", async () => {
  const { site, page } = await atAdmin("people");
  const person = await site.review.addUser("Li Wei", "viewer");
  await page.reload();
  await page.getByLabel("Role of Li Wei").selectOption("moderator");
  await page.getByText("Li Wei: saved.").waitFor(patient);
  await page.getByRole("button", { name: "End access of Li Wei" }).click();
  await page.locator("dialog").getByRole("button", { name: "End access" }).click();
  await page.getByRole("button", { name: "Give access to Li Wei" }).waitFor(patient);
  const row = site.context.db.selectFrom("users").select(["role", "disabled_at"]).where("id", "=", person.id);
  expect(await row.executeTakeFirst()).toMatchObject({ role: "moderator", disabled_at: expect.any(Date) });
});

test("the log tells of changes, and comes as a file", async () => {
  const { page } = await atAdmin("targets");
  await page.getByLabel("Low", { exact: true }).fill("2 h");
  await save(page).click();
  await page.getByText("Saved.").waitFor(patient);
  await page.getByRole("link", { name: "Log", exact: true }).click();
  await expect.poll(() => page.locator(".activity tbody").textContent(), patient).toContain("3600000 → 7200000");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export CSV" }).click(),
  ]);
  expect(await readFile(await download.path(), "utf8")).toContain("setting-changed");
});

test("a lead reads settings and people, and changes neither; keys are not for leads", async () => {
  const { page } = await atAdmin("exposure", "lead");
  await page.getByText("Only admins change this.").waitFor(patient);
  expect(await page.locator(".setting-form input:enabled").count()).toBe(0);
  expect(await page.locator(".admin-nav").textContent()).toBe("RolesEvidenceExposureTargetsActionsLog");
  await page.getByRole("link", { name: "Roles" }).click();
  await page.locator(".data-table tbody tr").first().waitFor(patient);
  expect(await page.locator(".data-table select, .data-table button").count()).toBe(0);
});
