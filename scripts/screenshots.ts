/** `npm run screenshots`: pictures of the console for the documents, of generated streams, into docs/images. */
import { writeFile } from "node:fs/promises";
import type { BrowserContextOptions, Page } from "playwright-core";
import sharp from "sharp";
import { takeIncident } from "../src/review/holds/take.ts";
import { openBrowser } from "../test/browser/chromium.ts";
import { fillOpsShift } from "../test/browser/ops-shift.ts";
import { openOpsSite } from "../test/browser/ops-site.ts";
import { openSite, type Site, signInAs } from "../test/browser/site.ts";
import { fillWorkingDay, type Staff } from "../test/browser/working-day.ts";
import { encodings } from "../test/pictures.ts";
import { startPostgresServer } from "../test/services.ts";

const folder = new URL("../docs/images/", import.meta.url);
const wide = { width: 1440, height: 900 };
const tall = { viewport: { width: 1440, height: 1080 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

await using postgres = await startPostgresServer({ fsync: "off" });
process.env.DATABASE_URL_TEST = postgres.url;
const browser = await openBrowser();
const site = await openSite();
const staff = await fillWorkingDay(site);
try {
  await picture("review", "moderator", "/review", untilReady);
  await picture("review-looking", "moderator", "/review", async (page) => {
    await untilReady(page);
    await page.keyboard.down("Space");
    await page.locator("[data-sharp] img").waitFor();
  });
  await picture("review-portrait", "moderator", "/review", untilReady, { stream: "7120" });
  await picture("review-light", "moderator", "/review", light);
  await picture("review-narrow", "moderator", "/review", untilReady, { desk: phone });
  await picture("queue", "lead", "/queue", (page) => page.locator(".queue-table tbody tr[data-id]").first().waitFor());
  const { id } = await incidentOf("6644");
  await picture("incident", "lead", `/incidents/${id}`, (page) => page.locator(".activity td").first().waitFor(), {
    desk: tall,
  });
  await picture("quality", "lead", "/quality", (page) => page.locator(".quality-figures").waitFor());
  await picture("admin", "admin", "/admin/actions", (page) => page.locator("form").first().waitFor());
  await opsPictures();
} finally {
  await browser.close();
  await site.close();
}

interface Shot {
  desk?: BrowserContextOptions;
  /** What is on the stage. */
  stream?: string;
}

/** One desk for each picture, so that none shows what another has done. */
async function picture(
  name: string,
  role: keyof Staff,
  path: string,
  arrange: (page: Page) => Promise<unknown>,
  { desk: options = { viewport: wide }, stream }: Shot = {},
): Promise<void> {
  const desk = await browser.openDesk({ ...options, reducedMotion: "reduce" });
  const person = staff[role];
  if (stream) await takeIncident(site.context, person, (await incidentOf(stream)).id, { takeOver: false });
  await signInAs(site, desk, person, path);
  await arrange(desk.page);
  await desk.page.locator(".bar-waiting").getByText("waiting").waitFor();
  await desk.page.evaluate("document.fonts.ready.then(() => true)");
  await save(name, await desk.page.screenshot());
  // Hand back what is held, for the next picture.
  await desk.page.goto("about:blank");
  await released(site, person.id);
  await desk.close();
}

/** Ops stands beside a pipeline, so it has a site of its own. */
async function opsPictures(): Promise<void> {
  const ops = await openOpsSite({ fetch: 2, preprocess: 3, infer: 2, postprocess: 1 });
  try {
    await fillOpsShift(ops);
    await ops.fail(["cap-5127-0412", "cap-5127-0413"], {}, await encodings.jpeg());
    await ops.wait("infer", 640);
    const person = await ops.site.review.addUser("Kim of ops");
    await ops.site.context.db
      .updateTable("users")
      .set({ scopes: ["ops"] })
      .where("id", "=", person.id)
      .execute();
    const desk = await browser.openDesk({ viewport: { width: 1440, height: 1080 }, reducedMotion: "reduce" });
    await signInAs(ops.site, desk, person, "/ops");
    await desk.page.locator('.ops-standing[data-level="breach"]').waitFor();
    await desk.page.locator(".ops-chart canvas").first().waitFor();
    await desk.page.keyboard.press("t");
    await desk.page.keyboard.type("8");
    await desk.page.getByText("concurrency default → 8").waitFor();
    await desk.page.locator(".tuning-effect td").first().waitFor();
    await desk.page.evaluate("document.fonts.ready.then(() => true)");
    await save("ops", await desk.page.screenshot());
    await desk.close();
  } finally {
    await ops.close();
  }
}

async function save(name: string, picture: Uint8Array): Promise<void> {
  const bytes = await sharp(picture).png({ palette: true, quality: 90, effort: 10 }).toBuffer();
  await writeFile(new URL(`${name}.png`, folder), bytes);
  console.log(`${name}.png, ${Math.round(bytes.length / 1024)} KiB`);
}

async function untilReady(page: Page): Promise<void> {
  await page.locator(".actions:not([data-muted])").waitFor();
}

async function light(page: Page): Promise<void> {
  await untilReady(page);
  await page.evaluate("document.documentElement.dataset.theme = 'light'");
}

function incidentOf(stream: string) {
  return site.context.db.selectFrom("incidents").select("id").where("stream_id", "=", stream).executeTakeFirstOrThrow();
}

async function released({ context }: Site, userId: string): Promise<void> {
  const held = () =>
    context.db
      .selectFrom("leases")
      .select("token")
      .where("ended_at", "is", null)
      .where("user_id", "=", userId)
      .executeTakeFirst();
  while (await held()) await new Promise((resolve) => setTimeout(resolve, 50));
}
