/** What the Queue remembers while the person looks at an incident: where they were. */
import { signal } from "@preact/signals";
import type { Selection } from "./row-cursor.ts";

export const activeRow = signal<number | null>(null);
export const selectedRows = signal<Selection>(new Set());
