import type { Me } from "../../../../review/contract/me.ts";
import { connection } from "../../../api/connection.ts";
import { tickMs } from "../../../api/server-clock.ts";
import { toggleBreak } from "../../../shell/break.ts";
import { formatTime } from "../../../strings/format.en.ts";
import { reviewText } from "../../../strings/review.en.ts";
import { stillThere } from "../session/hold-keeper.ts";
import type { ReviewSession } from "../session/review-session.ts";
import type { ReviewState } from "../session/review-state.ts";
import { breakDue, laterBreak } from "./break-offer.ts";

/** Strips over the top of the picture, so that nothing below them moves when they come and go. */
export function Notices({ session, state, me }: { session: ReviewSession; state: ReviewState; me: Me }) {
  return (
    <div class="notices">
      {connection.value === "lost" && <Lost state={state} />}
      {state.outgoing
        .filter((one) => one.state === "refused")
        .map(({ key, act, streamId, madeAt, why }) => (
          <div key={key} class="notice" data-notice="not-applied" role="alert">
            <span>
              <strong>
                {reviewText.notApplied.title}: {reviewText.act(act, streamId, me.actions)}
              </strong>{" "}
              ({formatTime(madeAt)}). {why}
            </span>
            <button type="button" onClick={() => session.readRefusal(key)}>
              {reviewText.notApplied.read}
            </button>
          </div>
        ))}
      {stillThere.value && (
        <div class="notice" data-notice="still-there" role="alert">
          <span>
            <strong>{reviewText.stillThere.words}</strong> {reviewText.stillThere.hint}
          </span>
          <button type="button">{reviewText.stillThere.yes}</button>
        </div>
      )}
      {state.budget && (
        <div class="notice" data-notice="budget" role="status">
          <span>{reviewText.budget(state.budget)}</span>
        </div>
      )}
      <BreakOffer everyMs={me.limits.breakEveryMs} />
    </div>
  );
}

function Lost({ state: { current } }: { state: ReviewState }) {
  const { words, hold, after, none } = reviewText.lost;
  const held = current && !current.ended ? Date.parse(current.hold.expiresAt) - tickMs.value : null;
  return (
    <div class="notice" data-notice="lost" role="status">
      <span>
        <strong>{words}</strong> {held === null ? none : `${hold(held)} ${after}`}
      </span>
    </div>
  );
}

function BreakOffer({ everyMs }: { everyMs: number }) {
  const worked = breakDue(everyMs, tickMs.value);
  if (worked === null) return null;
  const { words, take, later } = reviewText.breakOffer;
  return (
    <div class="notice" data-notice="break" role="status">
      <span>{words(Math.floor(worked / 60_000))}</span>
      <span class="row">
        <button type="button" onClick={toggleBreak}>
          {take}
        </button>
        <button type="button" onClick={laterBreak}>
          {later}
        </button>
      </span>
    </div>
  );
}
