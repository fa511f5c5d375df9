import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";

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
  /** A browser of one person's own: cookies and storage are its own, its pages are tabs of one another. */
  openDesk(options?: BrowserContextOptions): Promise<Desk>;
  close(): Promise<void>;
}

export interface Desk {
  context: BrowserContext;
  page: Page;
  /** Errors on the console, uncaught exceptions and reports of the content security policy, of all its pages. */
  complaints: string[];
  close(): Promise<void>;
}

/**
 * Starts the system's Chromium with an empty profile.
 * @throws Error that says how to get one, when there is none
 */
export async function openBrowser(): Promise<TestBrowser> {
  const browser = await chromium.launch({ executablePath: chromiumPath(), headless: true, args: quiet });
  return {
    async openDesk(options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        locale: "en-GB",
        timezoneId: "UTC",
        ...options,
      });
      const complaints: string[] = [];
      context.on("page", (page) => {
        page.on("console", (message) => {
          if (message.type() === "error") complaints.push(`${message.text()} (${message.location().url})`);
        });
        page.on("pageerror", (error) => complaints.push(String(error)));
      });
      return { context, page: await context.newPage(), complaints, close: () => context.close() };
    },
    close: () => browser.close(),
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
