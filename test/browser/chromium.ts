import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

/** Nothing that a browser does by itself in the background may reach for the network, or slow a test down. */
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface TestBrowser {
  /** One person's browser: cookies and storage of its own; its pages are tabs of one another. */
  context: BrowserContext;
  page: Page;
  /** What the pages wrote as errors, uncaught exceptions and reports of the content security policy. */
  complaints: string[];
  close(): Promise<void>;
}

/**
 * Starts the system's Chromium with an empty profile.
 * @throws Error that says how to get one, when there is none
 */
export async function openBrowser(options: { width?: number; height?: number } = {}): Promise<TestBrowser> {
  const profile = mkdtempSync(join(tmpdir(), "briareus-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    headless: true,
    args: quiet,
    viewport: { width: options.width ?? 1440, height: options.height ?? 900 },
    locale: "en-GB",
    timezoneId: "UTC",
  });
  const complaints: string[] = [];
  const listen = (page: Page) => {
    page.on("console", (message) => {
      if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
  };
  context.on("page", listen);
  for (const page of context.pages()) listen(page);
  const page = context.pages()[0] ?? (await context.newPage());
  return {
    context,
    page,
    complaints,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function chromiumPath(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const found = [
    process.env.BRIAREUS_CHROMIUM,
    ...folders.flatMap((folder) => names.map((name) => join(folder, name))),
  ];
  const path = found.find((candidate) => candidate && existsSync(candidate));
  if (!path) throw new Error("there is no Chromium: install it (apt-get install chromium) or set BRIAREUS_CHROMIUM");
  return path;
}
