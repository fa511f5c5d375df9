/** Whether the person is there: a hold is kept for somebody who uses the page, not for a page. Pure. */

const presentMs = 90_000;
const jitterMs = 2_000;

/** When the next heartbeat is due, so that pages do not beat together. `chance` is in 0..1. */
export function nextBeatAt(lastMs: number, everyMs: number, chance: number): number {
  return lastMs + everyMs + (chance * 2 - 1) * jitterMs;
}

/** What to do about the holds now. */
export function presenceAt(
  page: { visible: boolean; usedAtMs: number; nextBeatAtMs: number },
  nowMs: number,
): "beat" | "wait" | "still-there" {
  if (nowMs - page.usedAtMs >= presentMs) return "still-there";
  return page.visible && nowMs >= page.nextBeatAtMs ? "beat" : "wait";
}
