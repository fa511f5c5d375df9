import { useEffect, useRef, useState } from "preact/hooks";
import type { Me } from "../../../../review/contract/me.ts";
import type { PictureStore } from "../../../exposure/picture-store.ts";
import { reviewText } from "../../../strings/review.en.ts";
import type { ReviewSession } from "../session/review-session.ts";
import type { OnStage } from "../session/review-state.ts";
import { Actions } from "./actions.tsx";
import { Choices } from "./choices.tsx";
import { EscalateDialog } from "./escalate-dialog.tsx";
import { Facts } from "./facts.tsx";
import { Headline, HoldClocks } from "./headline.tsx";
import { Idle } from "./idle.tsx";
import { LastTen } from "./last-ten.tsx";
import { LookPanel } from "./look-panel.tsx";
import { Notices } from "./notices.tsx";
import { UndoSlot } from "./undo-slot.tsx";
import { useDeciding } from "./use-deciding.ts";
import { useMute } from "./use-mute.ts";
import type { StagePicture } from "./use-picture.ts";
import { useReviewKeys } from "./use-review-keys.ts";
import "./review.css";
import "./review-facts.css";
import "./review-narrow.css";

/** As in review-narrow.css; in em, so that larger text makes a narrower window. */
const narrowWindow = matchMedia("(max-width: 74.99em)");

/** All slots of Review. They keep their places and sizes while they are empty. */
export function Workplace({ session, me }: { session: ReviewSession; me: Me }) {
  const state = session.state.value;
  const stage = state.current;
  const store = stage ? session.pictures.of(stage.hold.token) : null;
  const frame = stage?.hold.incident.frames.find(({ captureId }) => captureId === stage.selected);
  const picture = useRef<StagePicture | null>(null);
  const withoutPicture = stage !== null && !anyPicture(stage, store);
  const { mute, muteNow } = useMute(state);
  const deciding = useDeciding(session, stage, me, { muteNow, withoutPicture });
  useReviewKeys(session, stage, me, deciding, picture);
  const narrow = useNarrow();
  const closeLayer = () => session.dispatch({ type: "layer", layer: null });
  const portrait = stage?.hold.incident.frames.some(({ width, height }) => (height ?? 0) > (width ?? 0)) ?? false;
  return (
    <main id="content" class="review" data-review data-layout={portrait ? "portrait" : "landscape"}>
      <div class="review-head">
        <Headline stage={stage} />
      </div>
      <section class="look" role="application" aria-label={reviewText.region}>
        {stage && frame ? (
          <LookPanel
            {...{ session, stage, frame, store, me }}
            place={stage.hold.incident.frames.indexOf(frame) + 1}
            onPicture={(now) => {
              picture.current = now;
            }}
          />
        ) : (
          <Idle session={session} state={state} />
        )}
        <Notices session={session} state={state} me={me} />
      </section>
      <aside class="facts" aria-label={reviewText.facts.label}>
        {stage && <HoldClocks stage={stage} leaseMs={me.timing.leaseMs} />}
        <div class="facts-all">
          <div class="facts-own">
            {stage && <Facts key={stage.hold.incident.id} {...{ session, stage, me, narrow }} />}
          </div>
          <LastTen outgoing={state.outgoing} me={me} />
        </div>
      </aside>
      <UndoSlot {...{ state, me, deciding, withoutPicture }} />
      <div class="actions-place">
        <Actions {...{ stage, me, mute, deciding }} layer={state.layer} />
        {state.layer === "category" && (
          <Choices
            title={reviewText.choose.category}
            choices={me.categories.map(({ category }) => ({ id: category, label: category }))}
            onChoose={(category) => session.dispatch({ type: "category", category })}
            onClose={closeLayer}
          />
        )}
        {state.layer === "skip" && (
          <Choices
            title={reviewText.choose.skip}
            choices={skipChoices}
            onChoose={(id) => {
              const reason = skipReasons.find((one) => one === id);
              if (reason) deciding.skip(reason);
            }}
            onClose={closeLayer}
          />
        )}
      </div>
      {state.layer === "escalate" && <EscalateDialog onSend={deciding.escalate} onClose={closeLayer} />}
    </main>
  );
}

const skipReasons = ["unsure", "language", "too-hard", "know-them"] as const;
const skipChoices = skipReasons.map((id) => ({ id, label: reviewText.skipReasons[id] }));

/** Whether any picture of the incident's own frames could be seen: one that is kept and has not failed to come. */
function anyPicture({ hold, selected }: OnStage, store: PictureStore | null): boolean {
  const kept = hold.incident.frames.filter(
    ({ kind, picture }) => (kind === "flagged" || kind === "sampled") && picture === "available",
  );
  const stateOf = (captureId: string) =>
    store?.read(captureId, "sharp")?.state ?? store?.read(captureId, "smoothed")?.state;
  if (kept.some(({ captureId }) => stateOf(captureId) === "ready")) return true;
  return kept.length > 0 && stateOf(selected) !== "failed";
}

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(narrowWindow.matches);
  useEffect(() => {
    const update = () => setNarrow(narrowWindow.matches);
    narrowWindow.addEventListener("change", update);
    return () => narrowWindow.removeEventListener("change", update);
  }, []);
  return narrow;
}
