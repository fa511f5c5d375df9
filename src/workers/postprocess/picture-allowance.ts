const most = 10;
const oneMoreEveryMs = 10_000;
const maxBytes = 5 << 20;

/**
 * How many pictures of unprocessable captures one process keeps for people to look at: every one while few fail, and of a
 * flood one in ten seconds, so that the blob store holds some dozens at a time.
 */
export function createPictureAllowance(): { take(bytes: number, nowMs: number): boolean } {
  let left = most;
  let countedAtMs = Number.NEGATIVE_INFINITY;
  return {
    take(bytes, nowMs) {
      left = Math.min(most, left + Math.max(0, nowMs - countedAtMs) / oneMoreEveryMs);
      countedAtMs = nowMs;
      if (bytes > maxBytes || left < 1) return false;
      left -= 1;
      return true;
    },
  };
}
