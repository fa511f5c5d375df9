/**
 * How long sharp pictures were on the screen. Each look is told to the server, together with others that ended within
 * a moment; what cannot be told now is told later.
 */
import { mayRetry } from "../api/request-error.ts";
import { type Reveal, reportReveals } from "../api/review-api.ts";
import { serverNow } from "../api/server-clock.ts";

const gatherMs = 1_000;
const retryMs = 10_000;
const atOnce = 100;

const untold: Reveal[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

/** Begins a look; call the result when the picture is covered again. */
export function beginLook(incidentId: number, captureId: string): () => void {
  const begun = performance.now();
  const at = new Date(serverNow()).toISOString();
  let ended = false;
  return () => {
    if (ended) return;
    ended = true;
    untold.push({ incidentId, captureId, ms: Math.round(performance.now() - begun), at });
    // A page that goes away has no moment left.
    if (document.visibilityState === "hidden") void tell();
    else tellIn(gatherMs);
  };
}

function tellIn(ms: number): void {
  if (timer === undefined) timer = setTimeout(tell, ms);
}

async function tell(): Promise<void> {
  const batch = untold.splice(0, atOnce);
  try {
    if (batch.length > 0) await reportReveals(batch);
  } catch (error) {
    if (mayRetry(error)) untold.unshift(...batch);
  }
  timer = undefined;
  if (untold.length > 0) tellIn(retryMs);
}
