import { createLogUpdate } from "log-update";

export interface ComparisonProgress {
  update(done: { compared: number; unreadable: number; changed: number }): void;
  /** Takes what is not finished off a terminal. */
  close(): void;
}

const lineEveryMs = 5_000;

/**
 * How far a comparison is: one line that is written anew on a terminal, a line now and then elsewhere.
 * @param total pictures there are to compare
 */
export function showComparisonProgress(total: number, nowMs: () => number): ComparisonProgress {
  const stream = process.stderr;
  const live = stream.isTTY ? createLogUpdate(stream) : undefined;
  let lastAtMs = nowMs();
  return {
    update: ({ compared, unreadable, changed }) => {
      const notes = [`${changed} changed`, ...(unreadable > 0 ? [`${unreadable} unreadable`] : [])];
      const line = `${compared + unreadable} of ${total} pictures, ${notes.join(", ")}`;
      if (live) return live(line);
      if (nowMs() - lastAtMs < lineEveryMs) return;
      lastAtMs = nowMs();
      stream.write(`${line}\n`);
    },
    close: () => live?.clear(),
  };
}
