import { useEffect, useState } from "preact/hooks";
import { tickMs } from "../../../api/server-clock.ts";
import { Failed } from "../../../components/panel-states.tsx";
import { toggleBreak } from "../../../shell/break.ts";
import { waiting } from "../../../shell/waiting.ts";
import { formatSpan } from "../../../strings/format.en.ts";
import { reviewText } from "../../../strings/review.en.ts";
import type { ReviewSession } from "../session/review-session.ts";
import type { ReviewState } from "../session/review-state.ts";

const quietMs = 300;

/** In the picture's place while there is none: why, and what to do. */
export function Idle({ session, state }: { session: ReviewSession; state: ReviewState }) {
  if (state.phase === "elsewhere") {
    const { title, words, move } = reviewText.elsewhere;
    return (
      <div class="idle" data-idle="elsewhere">
        <h2>{title}</h2>
        <p>{words}</p>
        <button type="button" class="primary" onClick={session.moveHere}>
          {move}
        </button>
      </div>
    );
  }
  if (state.phase === "break") {
    const { title, words, goOn } = reviewText.onBreak;
    return (
      <div class="idle" data-idle="break">
        <h2>{title}</h2>
        <p>{words}</p>
        <button type="button" class="primary" onClick={toggleBreak}>
          {goOn}
        </button>
      </div>
    );
  }
  if (state.error)
    return (
      <div class="idle" data-idle="failed">
        <Failed what={reviewText.failed} error={state.error} onRetry={session.claim} />
      </div>
    );
  if (!state.nothingWaiting) return <Coming />;
  const lastAt = waiting.value?.lastArrivedAt ?? state.lastArrivedAt;
  return (
    <div class="idle" data-idle="empty">
      <h2>{reviewText.empty.title}</h2>
      {lastAt && <p>{reviewText.empty.last(formatSpan(tickMs.value - Date.parse(lastAt)))}</p>}
      {waiting.value && waiting.value.count > 0 && <p>{reviewText.empty.forOthers(waiting.value.count)}</p>}
      <p>{reviewText.empty.words}</p>
    </div>
  );
}

/** Nothing at first, then an outline of the same size. */
function Coming() {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), quietMs);
    return () => clearTimeout(timer);
  }, []);
  return <div class="idle coming" data-idle="loading" data-late={late} />;
}
