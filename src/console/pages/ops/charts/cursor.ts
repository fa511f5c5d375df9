/** Where all charts are pointed at, seconds since 1970; null: nowhere, so that what is told is the newest. */
import { signal } from "@preact/signals";

export const cursorAtS = signal<number | null>(null);
