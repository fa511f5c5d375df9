/** Working in one's own way: without single keys, with other keys, without a mouse. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { armed, idle, ready, saved, sharp, stage, streamOnStage } from "./review-page.ts";
import { signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

const preferences = async (page: Page) => {
  await page.getByRole("button", { name: /^Menu of/ }).click();
  await page.getByRole("button", { name: "Preferences" }).click();
  await page.getByRole("dialog", { name: "Preferences" }).waitFor();
};
const leave = async (page: Page) => {
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
};

test("with single keys off letters and digits are dead, and buttons work", async () => {
  const site = await startSite();
  await site.show("8812");
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await preferences(page);
  await page.getByLabel("Single keys").uncheck();
  await leave(page);
  for (const key of ["a", "1", "3", "e", "s", "c", "g", "?"]) await page.keyboard.press(key);
  expect(await armed(page).count()).toBe(0);
  expect(await page.getByRole("dialog").count()).toBe(0);
  expect(await streamOnStage(page)).toBe("8812");

  // It is kept on the server.
  await page.reload();
  await ready(page, "8812");
  await page.keyboard.press("a");
  await page.getByRole("button", { name: "No violation" }).click();
  await idle(page);
  await saved(page);
  expect(await site.stored()).toHaveLength(1);
  await page.keyboard.press("Control+z");
  await ready(page, "8812");
});

test("a decision on another key is printed there and works, and its old key does nothing", async () => {
  const site = await startSite();
  await site.show("8812");
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await preferences(page);
  await page.getByText("Keys of commands").click();
  await page.getByLabel("Key for No violation").press("q");
  await leave(page);
  const button = page.getByRole("button", { name: "No violation" });
  await expect.poll(() => button.locator(".key").textContent()).toBe("Q");
  expect(await button.getAttribute("aria-keyshortcuts")).toBe("q");
  await page.keyboard.press("a");
  await page.keyboard.press("q");
  await idle(page);
  await expect.poll(site.stored).toMatchObject([{ outcome: "no-violation" }]);
});

test("a press shows the picture, and the next one covers it, for whoever cannot hold a key", async () => {
  const site = await startSite();
  await site.show("8812");
  const { page } = await openDesk();
  await signIn(site, page, "moderator");
  await ready(page, "8812");
  await preferences(page);
  await page.getByLabel("To look at a covered picture").selectOption({ label: "Press once: covers itself after 5 s" });
  await leave(page);
  await stage(page).focus();
  await page.keyboard.press("Space");
  await sharp(page).waitFor();
  await page.keyboard.press("Space");
  await sharp(page).waitFor({ state: "detached" });
  await page.keyboard.press("Space");
  await sharp(page).waitFor();
  await sharp(page).waitFor({ state: "detached", timeout: 10_000 });
});

test("from the sign-in to a decision and to its undoing without a mouse, and the focus is always seen", async () => {
  const site = await startSite();
  await site.show("8812");
  const { page } = await openDesk({ expected: /status of 401/ });
  await page.goto(site.url);
  await tabTo(page, "Sign in");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/auth/sign-in*");
  await tabTo(page, "Sign in as moderator on this machine");
  await page.keyboard.press("Enter");
  await ready(page, "8812");
  expect(await focusName(page)).toContain("covered");
  await tabTo(page, "No violation");
  await page.keyboard.press("Enter");
  await idle(page);
  await saved(page);
  expect(await page.locator('[data-live="polite"]').textContent()).toMatch(/No violation: 8812\. Nothing waiting/);
  await tabTo(page, "undo");
  await page.keyboard.press("Enter");
  await ready(page, "8812");
  expect(await site.stored()).toMatchObject([{ undone_at: expect.any(Date) }]);
});

/** Presses Tab until the focus is on what has this name, and sees that each stop on the way shows it. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
      const box = element.getBoundingClientRect();
      const at = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
      return {
        html: element.outerHTML.slice(0, 120),
        seen: (outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0) || boxShadow !== "none",
        hidden: box.width > 0 && at !== null && !element.contains(at) && !at.contains(element),
      };
    });
    if (focus === null) continue;
    expect(focus).toMatchObject({ seen: true, hidden: false });
    if ((await focusName(page)).includes(name)) return;
  }
  throw new Error(`${name} is not in the tab order`);
}

const focusName = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
  });
