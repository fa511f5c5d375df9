/** Keeps the holds while the person is there, and notices the ones that ended. */
import { signal } from "@preact/signals";
import { heartbeat } from "../../../api/review-api.ts";
import { serverNow } from "../../../api/server-clock.ts";
import { tokensOf } from "./claims.ts";
import { nextBeatAt, presenceAt } from "./presence.ts";
import type { ReviewHappening } from "./review-event.ts";
import type { ReviewState } from "./review-state.ts";

const lookEveryMs = 500;
const usedBy = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"] as const;

/** Whether to ask "Still there?". */
export const stillThere = signal(false);

export function keepHolds(
  read: () => ReviewState,
  dispatch: (happening: ReviewHappening) => void,
  everyMs: number,
): { stop: () => void } {
  let usedAtMs = performance.now();
  let nextBeatAtMs = nextBeatAt(usedAtMs, everyMs, Math.random());
  let beating = false;
  const stopped = new AbortController();

  const use = () => {
    usedAtMs = performance.now();
    if (!stillThere.peek()) return;
    stillThere.value = false;
    nextBeatAtMs = usedAtMs;
  };
  for (const kind of usedBy) addEventListener(kind, use, { signal: stopped.signal, capture: true, passive: true });

  const beat = async (tokens: number[]) => {
    beating = true;
    nextBeatAtMs = nextBeatAt(performance.now(), everyMs, Math.random());
    try {
      for (const hold of (await heartbeat(tokens)).holds) dispatch(happeningOf(hold));
    } catch {
      // The bar says that the connection is lost; the hold's own end is noticed below.
    }
    beating = false;
  };

  const look = () => {
    const state = read();
    for (const ended of expiredAt(state, serverNow())) dispatch(ended);
    const tokens = tokensOf(state);
    const page = { visible: document.visibilityState === "visible", usedAtMs, nextBeatAtMs };
    const then = presenceAt(page, performance.now());
    stillThere.value = then === "still-there" && tokens.length > 0;
    if (then === "beat" && tokens.length > 0 && !beating) void beat(tokens);
  };
  const timer = setInterval(look, lookEveryMs);
  return {
    stop() {
      clearInterval(timer);
      stopped.abort();
      stillThere.value = false;
    },
  };
}

type Beat = Awaited<ReturnType<typeof heartbeat>>["holds"][number];

function happeningOf({ token, expiresAt, endedBy, endedAt, holder }: Beat): ReviewHappening {
  if (expiresAt !== null) return { type: "hold-renewed", token, expiresAt };
  const by = endedBy === "taken-over" || endedBy === "expired" ? endedBy : "released";
  return { type: "hold-ended", token, by, at: endedAt ?? new Date(serverNow()).toISOString(), holder };
}

/** Holds whose time has run out without a word from the server. */
function expiredAt({ current, standby }: ReviewState, nowMs: number): ReviewHappening[] {
  const holds = [current && !current.ended ? current.hold : null, standby].filter((hold) => hold !== null);
  return holds
    .filter(({ expiresAt }) => nowMs > Date.parse(expiresAt))
    .map(({ token, expiresAt }) => ({ type: "hold-ended", token, by: "expired", at: expiresAt, holder: null }));
}
