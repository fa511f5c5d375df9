/** An incident at its own address: looked at under the same rules, and acted upon by role. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { claimNext } from "../../src/review/holds/claim-next.ts";
import { sharp, stage } from "./review-page.ts";
import { type LocalRole, type Site, signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

const patient = { timeout: 20_000 };

async function atIncident(site: Site, id: number, role: LocalRole = "lead") {
  const { page } = await openDesk({ permissions: ["clipboard-read", "clipboard-write"] });
  await signIn(site, page, role, `/incidents/${id}`);
  await stage(page).waitFor(patient);
  return page;
}

const activity = (page: Page) => page.locator(".activity tbody");

/** Forms of the pictures that were delivered, but for thumbnails, which lie under covers. */
async function pictures(site: Site): Promise<unknown[]> {
  const lines = site.context.db.selectFrom("activity").select("details").where("kind", "=", "picture-delivered");
  return (await lines.execute()).map(({ details }) => details.form).filter((form) => form !== "thumbnail");
}

test("the picture is neither asked for nor shown until somebody looks, and each look is in the activity", async () => {
  const site = await startSite();
  const id = await site.show("8812", { frames: 3 });
  const page = await atIncident(site, id);
  await stage(page).hover();
  expect(await sharp(page).count()).toBe(0);
  expect(await pictures(site)).toEqual([]);

  await page.keyboard.down("Space");
  await sharp(page).waitFor(patient);
  expect(await pictures(site)).toEqual(["sharp"]);
  await page.keyboard.up("Space");
  await expect.poll(() => sharp(page).count()).toBe(0);
  await page.getByRole("button", { name: "Look for 5 s" }).click();
  await sharp(page).waitFor(patient);
  await page.keyboard.press("Escape");
  await expect.poll(() => sharp(page).count()).toBe(0);
  const reveals = site.context.db.selectFrom("reveals").selectAll();
  await expect.poll(async () => (await reveals.execute()).length, patient).toBe(2);

  await page.reload();
  await expect.poll(() => activity(page).textContent(), patient).toContain("picture revealed");
  expect(await activity(page).textContent()).toContain("picture delivered");
});

test("what was decided stands there with its note, as text, and when it was sent", async () => {
  const site = await startSite();
  const id = await site.show("8812");
  const page = await atIncident(site, id);
  await page.getByRole("button", { name: "Take", exact: true }).click();
  await page.waitForURL("**/review");
  await page.locator(".actions:not([data-muted])").waitFor(patient);
  await page.locator('[data-fact="note"] textarea').fill("<script>alert(1)</script>\u202e!");
  await page.locator("[data-stage]").focus();
  await page.locator(".actions:not([data-muted])").waitFor(patient);
  await page.keyboard.press("1");
  await expect.poll(site.decisions, { timeout: 30_000 }).toHaveLength(1);
  await page.goto(`${site.url}/incidents/${id}`);
  const decision = page.locator(".decision");
  await expect.poll(() => decision.textContent(), patient).toContain("sent");
  expect(await decision.textContent()).toContain("<script>alert(1)</script>�!");
});

test("a lead reopens, holds by law and lifts it, each with a note; the activity says so", async () => {
  const site = await startSite();
  const id = await site.show("8812");
  await site.context.db.updateTable("incidents").set({ state: "closed" }).where("id", "=", id).execute();
  const page = await atIncident(site, id);
  const act = async (button: string, submit: string) => {
    await page.getByRole("button", { name: button }).click();
    const send = page.locator("dialog").getByRole("button", { name: submit });
    expect(await send.getAttribute("aria-disabled")).toBe("true");
    await page.locator("dialog textarea").fill("court order 12");
    await send.click();
    await page.locator("dialog").waitFor({ state: "detached", ...patient });
  };
  await act("Reopen…", "Reopen");
  await page.getByRole("button", { name: "Take", exact: true }).waitFor(patient);
  await act("Legal hold…", "Set the hold");
  await act("Lift legal hold…", "Lift the hold");
  await page.getByRole("button", { name: "Legal hold…", exact: true }).waitFor(patient);
  await expect.poll(() => activity(page).textContent(), patient).toContain("legal hold lifted");
  expect(await activity(page).textContent()).toContain("reopened");
  expect(await activity(page).textContent()).toContain("court order 12");
});

test("a lead takes over what another holds; a moderator cannot, but escalates what is free", async () => {
  const site = await startSite();
  const id = await site.show("8812");
  const other = await site.review.addUser("Li Wei");
  await claimNext(site.context, other, { known: [] });
  const page = await atIncident(site, id, "moderator");
  await page.getByText("held by Li Wei").waitFor(patient);
  expect(await page.getByRole("button", { name: /Take|Escalate/ }).count()).toBe(0);

  const free = await site.show("7120");
  await page.goto(`${site.url}/incidents/${free}`);
  await page.getByRole("button", { name: "Escalate…" }).click();
  await page.locator("dialog textarea").fill("is this a tattoo?");
  await page.keyboard.press("Control+Enter");
  await page.locator('.state[data-state="escalated"]').waitFor(patient);
  await expect.poll(() => page.locator(".incident-facts").textContent(), patient).toContain("is this a tattoo?");

  const lead = await atIncident(site, id);
  await lead.getByRole("button", { name: "Take over" }).click();
  await lead.waitForURL("**/review");
});

test("its address can be copied, and an unknown one says so", async () => {
  const site = await startSite();
  const id = await site.show("8812", { severity: "low", category: "suggestive" });
  const page = await atIncident(site, id);
  await page.getByRole("button", { name: "Copy link" }).click();
  await page.getByText("Copied").waitFor(patient);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${site.url}/incidents/${id}`);
  const { page: other } = await openDesk({ expected: /404/ });
  await signIn(site, other, "lead", "/incidents/999999");
  await other.getByText("There is no incident of this number.").waitFor(patient);
});
