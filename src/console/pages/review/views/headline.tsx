import { useEffect, useRef } from "preact/hooks";
import type { Hold } from "../../../../review/contract/hold.ts";
import { tickMs } from "../../../api/server-clock.ts";
import { Countdown } from "../../../components/clocks.tsx";
import { SeverityMark } from "../../../components/severity-mark.tsx";
import { announce } from "../../../shell/announce.tsx";
import { formatElapsed, formatSpan } from "../../../strings/format.en.ts";
import { reviewText } from "../../../strings/review.en.ts";
import type { OnStage } from "../session/review-state.ts";

/** What was found, in one line: the page's heading. */
export function Headline({ stage }: { stage: OnStage | null }) {
  if (!stage)
    return (
      <h1 key="none" class="unseen">
        {reviewText.title}
      </h1>
    );
  const { incident } = stage.hold;
  return (
    <h1 class="headline">
      <SeverityMark severity={incident.severity} />
      <span class="headline-words">{reviewText.headline(incident)}</span>
      {stage.joined && <span class="headline-joined">{reviewText.joined(stage.joined.count, stage.joined.peak)}</span>}
    </h1>
  );
}

/** How long the hold lasts, and until when the incident should be decided. */
export function HoldClocks({ stage, leaseMs }: { stage: OnStage; leaseMs: number }) {
  const { hold, ended } = stage;
  useSpokenHold(hold, ended !== null);
  return (
    <div class="clocks">
      <div role="timer" aria-label={reviewText.clocks.hold} class="clocks-one">
        <span class="muted small">{reviewText.clocks.hold}</span>
        <strong>{ended ? "0:00" : <Countdown until={hold.expiresAt} />}</strong>
        <HoldBar until={ended ? 0 : Date.parse(hold.expiresAt)} leaseMs={leaseMs} />
      </div>
      <div role="timer" aria-label={reviewText.clocks.target} class="clocks-one">
        <span class="muted small">{reviewText.clocks.target}</span>
        <TargetClock hold={hold} />
      </div>
    </div>
  );
}

function HoldBar({ until, leaseMs }: { until: number; leaseMs: number }) {
  const share = Math.min(1, Math.max(0, (until - tickMs.value) / leaseMs));
  return (
    <span class="hold-bar" aria-hidden="true">
      <span style={{ width: `${Math.ceil(share * 8) * 12.5}%` }} />
    </span>
  );
}

/** Grey once the stream has ended: what can still be harmed there has been. */
function TargetClock({ hold }: { hold: Hold }) {
  const { targetAt, targetMs, stream } = hold.incident;
  const late = tickMs.value - Date.parse(targetAt);
  return (
    <span class="target" data-late={late > 0} data-over={stream.endedAt !== null}>
      <strong>{late > 0 ? reviewText.clocks.late(formatElapsed(late)) : <Countdown until={targetAt} />}</strong>{" "}
      <span class="muted small">{reviewText.clocks.of(formatSpan(targetMs))}</span>
    </span>
  );
}

/** Timers speak twice: at 30 and at 10 seconds. */
function useSpokenHold({ token, expiresAt }: Hold, ended: boolean): void {
  const spoken = useRef({ token: 0, below: Number.POSITIVE_INFINITY });
  const seconds = Math.ceil((Date.parse(expiresAt) - tickMs.value) / 1000);
  const mark = seconds <= 10 ? 10 : seconds <= 30 ? 30 : Number.POSITIVE_INFINITY;
  useEffect(() => {
    if (spoken.current.token !== token || mark > spoken.current.below)
      spoken.current = { token, below: Number.POSITIVE_INFINITY };
    if (ended || mark >= spoken.current.below) return;
    spoken.current.below = mark;
    announce(reviewText.clocks.holdSpoken(mark));
  }, [token, mark, ended]);
}
