/** What closing many incidents at once asks for: ten of them looked at, their number typed, a note. */

const looksAsked = 10;
/** What the API takes at once. */
export const mostAtOnce = 5_000;

/** Draws the incidents to look at: ten, or all if fewer. `random` gives numbers from 0 up to 1, as Math.random. */
export function drawLooks(ids: readonly number[], random: () => number): number[] {
  const left = [...ids];
  return Array.from({ length: Math.min(looksAsked, ids.length) }, () => {
    const [drawn] = left.splice(Math.floor(random() * left.length), 1);
    return drawn ?? 0;
  });
}

export interface BulkCloseDraft {
  /** How many incidents are to be closed. */
  count: number;
  toLookAt: readonly number[];
  lookedAt: ReadonlySet<number>;
  /** "no-violation", or the id of an action; null: not chosen yet. */
  close: string | null;
  /** Asked for with an action. */
  category: string | null;
  typedCount: string;
  note: string;
}

export type BulkObstacle = "too-many" | "looks" | "close" | "category" | "note" | "count";

/** Why the incidents may not be closed yet; empty when they may. */
export function obstacles(draft: BulkCloseDraft): BulkObstacle[] {
  const found: [BulkObstacle, boolean][] = [
    ["too-many", draft.count > mostAtOnce],
    ["looks", draft.toLookAt.some((id) => !draft.lookedAt.has(id))],
    ["close", draft.close === null],
    ["category", draft.close !== null && draft.close !== "no-violation" && draft.category === null],
    ["note", draft.note.trim() === ""],
    ["count", typedNumber(draft.typedCount) !== draft.count],
  ];
  return found.filter(([, stands]) => stands).map(([obstacle]) => obstacle);
}

/** Digits as typed, with or without marks between thousands. */
function typedNumber(text: string): number {
  const digits = text.replace(/[\s.,’']/gu, "");
  return /^\d+$/.test(digits) ? Number(digits) : Number.NaN;
}
