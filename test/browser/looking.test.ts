/** Nothing is shown by accident: the sharp picture is in the page only while somebody asks for it. */
import { expect, test } from "vitest";
import { ready, sharp, stage } from "./review-page.ts";
import { signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

async function atReview(role: "moderator" | "lead" = "moderator") {
  const site = await startSite();
  await site.show("4410", { frames: 3 });
  const desk = await openDesk();
  await signIn(site, desk.page, role);
  await ready(desk.page);
  return { site, ...desk };
}

test("the sharp picture shows while Space is held, in grey, and its seconds are logged", async () => {
  const { site, page } = await atReview();
  const delivered = await site.context.evidence.get(
    (await site.context.db.selectFrom("frames").select("evidence").executeTakeFirstOrThrow()).evidence ?? "",
  );
  expect(delivered.length).toBeGreaterThan(1_000);
  expect(await sharp(page).count()).toBe(0);
  expect(await stage(page).getAttribute("aria-label")).toContain("covered");
  await page.keyboard.down("Space");
  await sharp(page).waitFor();
  expect(await stage(page).getAttribute("data-covered")).toBe("false");
  expect(await stage(page).getAttribute("aria-label")).toContain("not covered");
  expect(await sharp(page).evaluate((image) => getComputedStyle(image).filter)).toContain("grayscale(1)");
  expect(await sharp(page).evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(1280);
  await page.keyboard.up("Space");
  await sharp(page).waitFor({ state: "detached" });

  const reveals = () => site.context.db.selectFrom("reveals").selectAll().execute();
  await expect.poll(reveals, { timeout: 5_000 }).toHaveLength(1);
  const [reveal] = await reveals();
  expect(reveal).toMatchObject({ severity: "severe" });
  expect(reveal?.ms).toBeGreaterThan(0);
});

test("Shift and Space show full colour", async () => {
  const { page } = await atReview();
  await page.keyboard.down("Shift");
  await page.keyboard.down("Space");
  await sharp(page).waitFor();
  expect(await sharp(page).evaluate((image) => getComputedStyle(image).filter)).not.toContain("grayscale");
  await page.keyboard.up("Space");
  await page.keyboard.up("Shift");
  await sharp(page).waitFor({ state: "detached" });
});

test("a mouse that passes over the picture and the frames reveals nothing", async () => {
  const { page } = await atReview();
  await page.evaluate(() => {
    new MutationObserver(() => {
      if (document.querySelector("[data-sharp] img")) document.body.dataset.revealed = "true";
    }).observe(document.body, { childList: true, subtree: true });
  });
  for (const place of [stage(page), page.locator(".film").first(), page.locator(".film").last()]) {
    await place.hover();
  }
  // The first reveal is the one that was asked for.
  expect(await page.evaluate(() => document.body.dataset.revealed)).toBeUndefined();
  await page.keyboard.down("Space");
  await sharp(page).waitFor();
  expect(await page.evaluate(() => document.body.dataset.revealed)).toBe("true");
  await page.keyboard.up("Space");
});

test("Esc covers a picture that is held open, and it stays covered", async () => {
  const { page } = await atReview();
  await page.keyboard.down("Space");
  await sharp(page).waitFor();
  await page.keyboard.press("Escape");
  await sharp(page).waitFor({ state: "detached" });
  // A held key repeats.
  await page.keyboard.down("Space");
  await page.keyboard.up("Space");
  expect(await sharp(page).count()).toBe(0);
});

test("leaving the window while Space is held covers the picture", async () => {
  const { page, context } = await atReview();
  // A page under test believes itself focused, whatever is in front of it.
  const devtools = await context.newCDPSession(page);
  await page.keyboard.down("Space");
  await sharp(page).waitFor();
  await devtools.send("Emulation.setFocusEmulationEnabled", { enabled: false });
  const other = await context.newPage();
  await other.bringToFront();
  await sharp(page).waitFor({ state: "detached" });
});

test("without its key the picture shows by holding a finger on it, or for a while by a button", async () => {
  const { page } = await atReview();
  await stage(page).hover();
  await page.mouse.down();
  await sharp(page).waitFor();
  await page.mouse.up();
  await sharp(page).waitFor({ state: "detached" });

  await page.getByRole("button", { name: "Look", exact: true }).click();
  await sharp(page).waitFor();
  await page.getByRole("button", { name: "Look", exact: true }).click();
  await sharp(page).waitFor({ state: "detached" });
});

test("a picture that is gone from its store says so, and a decision then needs a second key", async () => {
  const site = await startSite();
  await site.show("4410");
  await site.show("4411", { bare: true });
  const [gone] = await site.context.db.selectFrom("frames").selectAll().where("evidence", "is not", null).execute();
  await site.context.evidence.delete([gone?.evidence ?? ""]);
  const { page } = await openDesk({ expected: /status of 410/ });
  await signIn(site, page, "moderator");
  for (const expected of ["1 decided", "2 decided"]) {
    await ready(page);
    await page.locator(".stage-missing").waitFor();
    await page.keyboard.press("a");
    await page.getByText("without picture").waitFor();
    await page.keyboard.press("Enter");
    await expect
      .poll(async () => `${(await site.context.db.selectFrom("decisions").selectAll().execute()).length} decided`)
      .toBe(expected);
  }
  const decided = await site.context.db.selectFrom("decisions").select("without_picture").execute();
  expect(decided.map(({ without_picture }) => without_picture)).toEqual([true, true]);
});
