/** What is wrong with a page for people who see, hear or move differently. */
import axe from "axe-core";
import type { Page } from "playwright-core";

const widths = [1440, 1024, 390, 320] as const;
const themes = ["dark", "light"] as const;

/** Serious and critical findings of axe as sentences, each with the first place where it is; WCAG 2.2 up to AA. */
async function axeFindings(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      resultTypes: ["violations"],
    });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ id, nodes }) => {
        const { html = "", any = [], all = [] } = nodes[0] ?? {};
        return `${id}, ${nodes.length} times: ${html.slice(0, 160)} (${[...any, ...all][0]?.message ?? ""})`;
      });
  });
}

/** The page scrolls sideways, or a text is cut off where no dots say so. */
export function layoutFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) {
      const wide = [...document.querySelectorAll("body *")].filter(
        (element) => element.getBoundingClientRect().right > clientWidth + 1 && !element.closest(".unseen"),
      );
      faults.push(
        `the page is ${scrollWidth - clientWidth} px too wide: ${wide.slice(-1)[0]?.outerHTML.slice(0, 160)}`,
      );
    }
    for (const element of document.querySelectorAll<HTMLElement>("button, h1, h2, h3, a, label, th, td, p, summary")) {
      const style = getComputedStyle(element);
      const hidden = style.overflowX === "hidden" || style.overflowX === "clip";
      const dots = style.textOverflow === "ellipsis" || element.closest(".unseen") !== null;
      if (hidden && !dots && element.scrollWidth > element.clientWidth + 1)
        faults.push(`cut off: ${element.outerHTML.slice(0, 160)}`);
    }
    return faults;
  });
}

/**
 * Both, at every width; each fault with where it was seen.
 * @param axeAt in which theme and at which widths axe looks, too
 */
export async function faultsEverywhere(
  page: Page,
  axeAt: (theme: "dark" | "light", width: number) => boolean = () => true,
): Promise<string[]> {
  const faults: string[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: width < 500 ? 800 : 900 });
    await drawn(page);
    const found = await layoutFaults(page);
    for (const theme of themes.filter((one) => axeAt(one, width))) {
      await page.evaluate((name) => {
        document.documentElement.dataset.theme = name;
      }, theme);
      found.push(...(await axeFindings(page)).map((finding) => `${theme}: ${finding}`));
    }
    faults.push(...found.map((fault) => `${width} px: ${fault}`));
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.evaluate(() => {
    document.documentElement.dataset.theme = "dark";
  });
  await drawn(page);
  return faults;
}

/** Layouts follow a change of the window a frame later. */
const drawn = (page: Page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
