import { useEffect, useRef } from "preact/hooks";
import { announceNow } from "../../../shell/announce.tsx";
import { reviewText } from "../../../strings/review.en.ts";
import type { ReviewSession } from "../session/review-session.ts";
import type { OnStage } from "../session/review-state.ts";

interface Props {
  session: ReviewSession;
  ended: NonNullable<OnStage["ended"]>;
  /** Something was written, and is kept. */
  noted: boolean;
}

/** Over the cover of an incident that is not held any more: what happened, and the ways on. */
export function Ended({ session, ended, noted }: Props) {
  const next = useRef<HTMLButtonElement>(null);
  const words = reviewText.ended.title[ended.by](ended.at, ended.holder);
  useEffect(() => {
    announceNow(words);
    if (!document.activeElement?.closest("[data-fact]")) next.current?.focus();
  }, [words]);
  return (
    <div class="ended" data-ended={ended.by}>
      <p>
        <strong>{words}</strong>
      </p>
      {noted && <p>{reviewText.ended.kept}</p>}
      <div class="row">
        <button ref={next} type="button" class="primary" onClick={session.goOn}>
          {reviewText.ended.next}
        </button>
        <button type="button" onClick={session.takeAgain}>
          {reviewText.ended.again}
        </button>
      </div>
    </div>
  );
}
