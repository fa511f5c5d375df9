/** What strangers name their streams, and what they send, is text or is refused. */
import { expect, test } from "vitest";
import { createKey } from "../../src/review/access/api-keys.ts";
import { idle, ready } from "./review-page.ts";
import { signIn } from "./site.ts";
import { openDesk, startSite } from "./site-of-test.ts";

const script = `<script>document.body.dataset.hacked="1"</script><img src=x onerror="document.body.dataset.hacked='1'">`;
const reversed = "\u202Egnitrats\u202C \u2066deid\u2069";
const long = "W".repeat(300);
const control = "bell\u0007 and escape\u001b[31m";

/** Signs that would turn the text around them, or ring. */
const unseemly = ["\u202E", "\u2066", "\u0007", "\u001b"];
const unseemlyIn = (text: string | null) => unseemly.filter((sign) => text?.includes(sign));

const hostile = [script, `${reversed}&amp;"'\`\${1}`, long, control];

test("hostile names are shown as text in Review, the Queue and an incident's page", async () => {
  const site = await startSite();
  for (const [at, name] of hostile.entries())
    await site.show(`${at}-${name}`, {
      category: at === 0 ? script : "suggestive",
      severity: "low",
      attributes: { title: name, streamerId: name },
      captureId: (frame) => `${at}-${frame}-${name.slice(0, 60)}`,
    });
  const { page } = await openDesk();
  await signIn(site, page, "lead", "/queue");
  await expect.poll(() => page.locator(".queue-table tbody tr[data-id]").count()).toBe(hostile.length);
  const listed = await page.locator(".queue-table").textContent();
  expect(listed).toContain("<script>document.body");
  expect(unseemlyIn(listed)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);

  const ids = await page
    .locator(".queue-table tbody tr[data-id]")
    .evaluateAll((rows) => rows.map((row) => row.getAttribute("data-id")));
  for (const id of ids) {
    await page.goto(`${site.url}/incidents/${id}`);
    await page.locator(".filmstrip").waitFor();
    expect(unseemlyIn(await page.locator("main").textContent())).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  }
  await page.goto(`${site.url}/review`);
  for (const _ of hostile) {
    await ready(page);
    expect(unseemlyIn(await page.locator("main").textContent())).toEqual([]);
    await page.keyboard.press("n");
    await page.keyboard.insertText(script);
    await page.keyboard.press("Escape");
    await page.keyboard.press("1");
  }
  await idle(page);
  await expect.poll(site.stored).toHaveLength(hostile.length);
  await page.goto(`${site.url}/incidents/${ids[0]}`);
  await page.locator("main").getByText("<script>document.body").first().waitFor();
  expect(await page.evaluate(() => document.body.dataset.hacked)).toBeUndefined();
});

test("an address with mark-up in it finds nothing and runs nothing", async () => {
  const site = await startSite();
  const { page } = await openDesk({ expected: /status of 4\d\d/ });
  await signIn(site, page, "lead", "/queue");
  await page.goto(`${site.url}/queue?search=${encodeURIComponent(script)}`);
  await page.getByText("No incident matches").waitFor();
  for (const path of [`/incidents/${encodeURIComponent(script)}`, `/${encodeURIComponent(script)}`]) {
    await page.goto(site.url + path);
    await page.locator("h1").waitFor();
  }
  expect(await page.evaluate(() => document.body.dataset.hacked)).toBeUndefined();
});

test("scripts, frames and requests to elsewhere are refused by the page's policy", async () => {
  const site = await startSite();
  const { page } = await openDesk({ expected: /Content Security Policy|TrustedHTML|TrustedScript/ });
  await signIn(site, page, "moderator", "/queue");
  const broken = await page.evaluate(async () => {
    const attempts: Record<string, () => unknown> = {
      innerHTML: () => {
        document.createElement("div").innerHTML = "<b>x</b>";
      },
      "a script's text": () => {
        document.createElement("script").text = "document.body.dataset.hacked = '1'";
      },
      "a request elsewhere": () => fetch("https://example.com/"),
    };
    const refused: string[] = [];
    for (const [name, attempt] of Object.entries(attempts)) {
      try {
        await attempt();
      } catch {
        refused.push(name);
      }
    }
    return refused;
  });
  expect(broken).toEqual(["innerHTML", "a script's text", "a request elsewhere"]);
});

test("10 MB, NUL and names beyond all measure are refused, and the service goes on", async () => {
  const site = await startSite();
  const { secret } = await createKey(
    site.context.db,
    { name: "Platform", scopes: ["ingest"], expiresInDays: 1 },
    null,
    site.context.now(),
  );
  const send = (path: string, method: string, body: string) =>
    fetch(site.url + path, {
      method,
      body,
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    }).then(
      ({ status }) => status,
      () => "cut off",
    );
  const title = (text: string) => JSON.stringify({ title: text });
  expect([413, "cut off"]).toContain(await send("/v1/streams/8812", "PUT", title("x".repeat(10 * 2 ** 20))));
  expect(await send("/v1/streams/8812", "PUT", title("a\u0000b"))).toBe(400);
  expect(await send("/v1/streams/8812", "PUT", title("x".repeat(2_000)))).toBe(400);
  expect(await send(`/v1/streams/${"x".repeat(3_000)}`, "PUT", title("fine"))).toBeOneOf([400, 404, 414]);
  expect(await send("/v1/streams/8812", "PUT", title("fine"))).toBe(204);
});
