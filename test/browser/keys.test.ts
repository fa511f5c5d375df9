/** A key acts once, and only when it is meant. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { idle, note, ready, saved, streamOnStage } from "./review-page.ts";
import { signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

async function atReview(streams: readonly string[], role: "moderator" | "lead" = "moderator") {
  const site = await startSite();
  for (const stream of streams) await site.show(stream, { category: "suggestive" });
  const { page } = await openDesk();
  await signIn(site, page, role);
  await ready(page);
  return { site, page };
}

const mute = (page: Page) => page.locator(".actions").getAttribute("data-muted");
const secondPasses = (page: Page) =>
  page
    .evaluate(() => performance.now())
    .then((from) => page.waitForFunction((at) => performance.now() > at + 1_100, from));

test("a key that is held across a decision decides once, until it was up", async () => {
  const { site, page } = await atReview(["one", "two"]);
  const first = await streamOnStage(page);
  await page.keyboard.down("a");
  await expect.poll(() => streamOnStage(page)).not.toBe(first);
  await expect.poll(() => mute(page)).toBe("keys-down");
  for (let times = 0; times < 20; times += 1) await page.keyboard.down("a");
  expect(await mute(page)).toBe("keys-down");
  expect(await streamOnStage(page)).not.toBe(first);
  await page.keyboard.up("a");
  await ready(page);
  await page.keyboard.press("a");
  await idle(page);
  await saved(page);
  expect(await site.stored()).toHaveLength(2);
});

test("a double press decides once, even when the next picture is there between the two", async () => {
  const { site, page } = await atReview(["one", "two", "three"]);
  await page.evaluate(async () => {
    const press = () => {
      for (const type of ["keydown", "keyup"])
        dispatchEvent(new KeyboardEvent(type, { key: "a", code: "KeyA", bubbles: true, cancelable: true }));
    };
    const stream = () => document.querySelector('[data-fact="stream"] strong')?.textContent;
    const first = stream();
    press();
    while (stream() === first) await new Promise(requestAnimationFrame);
    const sinceMs = performance.now();
    while (performance.now() < sinceMs + 80) await new Promise(requestAnimationFrame);
    press();
  });
  await ready(page);
  await saved(page);
  await page.keyboard.press("1");
  await ready(page);
  await expect.poll(site.stored).toMatchObject([{ outcome: "no-violation" }, { action: "warn" }]);
});

test("G and a letter go to a page and never decide, even where there is no such page for the person", async () => {
  const { site, page } = await atReview(["one"]);
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.keyboard.press("g");
  await page.keyboard.press("1");
  await secondPasses(page);
  expect(await streamOnStage(page)).toBe("one");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.waitForURL("**/queue");
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await ready(page, "one");
  expect(await site.stored()).toEqual([]);
  await page.keyboard.press("a");
  await expect.poll(site.stored).toHaveLength(1);
});

test("whoever leaves Review and comes straight back decides, though what was given back was slow to arrive", async () => {
  const { site, page } = await atReview(["one"]);
  let claims = 0;
  page.on("request", (request) => {
    if (request.url().endsWith("/v1/holds/claim-next")) claims += 1;
  });
  const { promise: mayArrive, resolve: letArrive } = Promise.withResolvers<void>();
  await page.route("**/v1/holds/release", (route) => mayArrive.then(() => route.continue()));
  for (const key of ["g", "q"]) await page.keyboard.press(key);
  await page.waitForURL("**/queue");
  const before = claims;
  for (const key of ["g", "r"]) await page.keyboard.press(key);
  await page.waitForURL("**/review");
  await secondPasses(page);
  expect(claims).toBe(before);
  letArrive();
  await ready(page, "one");
  await page.keyboard.press("a");
  await expect.poll(site.stored).toHaveLength(1);
});

test("keys typed into a note write, and the note goes with the decision", async () => {
  const { site, page } = await atReview(["one"]);
  await page.keyboard.press("n");
  await page.keyboard.type("a1s");
  expect(await note(page).inputValue()).toBe("a1s");
  expect(await page.locator(".choices").count()).toBe(0);
  await page.keyboard.press("Escape");
  expect(await streamOnStage(page)).toBe("one");
  await page.keyboard.press("a");
  await idle(page);
  await expect.poll(site.stored).toMatchObject([{ note: "a1s", outcome: "no-violation" }]);
});

test("keys of an input method compose text and decide nothing", async () => {
  const { site, page } = await atReview(["one"]);
  const devtools = await page.context().newCDPSession(page);
  const composing = (key: string) =>
    devtools.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key, code: "KeyA", windowsVirtualKeyCode: 229 });
  await composing("Process");
  await devtools.send("Input.dispatchKeyEvent", { type: "keyUp", key: "a", code: "KeyA", windowsVirtualKeyCode: 65 });
  await page.keyboard.press("n");
  await devtools.send("Input.imeSetComposition", { text: "あ1", selectionStart: 2, selectionEnd: 2 });
  await composing("Enter");
  await devtools.send("Input.insertText", { text: "あ1" });
  await expect.poll(() => note(page).inputValue()).toBe("あ1");
  expect(await streamOnStage(page)).toBe("one");
  expect(await site.stored()).toEqual([]);
});

test("with other modifiers, and under a dialog, the keys rest", async () => {
  const { site, page } = await atReview(["one"]);
  for (const press of ["Control+a", "Alt+1", "Alt+a", "Control+1"]) await page.keyboard.press(press);
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("a");
  await page.keyboard.press("1");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  expect(await streamOnStage(page)).toBe("one");
  await page.keyboard.press("1");
  await idle(page);
  await expect.poll(site.stored).toMatchObject([{ action: "warn" }]);
});

test("digits go by their place on the keyboard, letters by what they type", async () => {
  const { site, page } = await atReview(["one", "two"]);
  // As AZERTY types them: & on the key of 1, and a on the key of Q.
  const press = (key: string, code: string) =>
    page.evaluate(
      ([key, code]) => {
        for (const type of ["keydown", "keyup"])
          dispatchEvent(new KeyboardEvent(type, { key, code, bubbles: true, cancelable: true }));
      },
      [key, code] as const,
    );
  await press("&", "Digit1");
  await expect.poll(site.stored).toMatchObject([{ action: "warn" }]);
  await ready(page);
  await press("a", "KeyQ");
  await expect.poll(site.stored).toMatchObject([{ action: "warn" }, { outcome: "no-violation" }]);
});

test("a list that closed takes no further key, not even before the next frame", async () => {
  const { site, page } = await atReview(["one"]);
  await page.keyboard.press("c");
  await page.locator(".choices").waitFor();
  await page.evaluate(async () => {
    const press = (code: string) => {
      for (const type of ["keydown", "keyup"])
        dispatchEvent(new KeyboardEvent(type, { key: code.slice(5), code, bubbles: true, cancelable: true }));
    };
    press("Digit2");
    // Drawn anew in the same task.
    while (document.querySelector(".choices")) await null;
    press("Digit1");
  });
  await idle(page);
  await expect.poll(site.stored).toMatchObject([{ action: "warn", category: "drawn-pornography" }]);
});
