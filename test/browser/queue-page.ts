/** What tests read of the Queue. */
import type { Page } from "playwright-core";

export const rows = (page: Page) => page.locator(".queue-table tbody tr[data-id]");
export const row = (page: Page, id: number) => page.locator(`.queue-table tr[data-id="${id}"]`);
export const status = (page: Page) => page.locator(".queue-status");

/** Ids of the rows that exist in the document, in their order. */
export const idsOf = (page: Page) => rows(page).evaluateAll((all) => all.map((one) => Number(one.dataset.id)));

/** The incident whose row has the focus; null: none. */
export const focusedRow = (page: Page) =>
  page.evaluate(() => {
    const id = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.id : undefined;
    return id === undefined ? null : Number(id);
  });
