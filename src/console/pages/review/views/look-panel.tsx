import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Frame } from "../../../../review/contract/incident.ts";
import type { Me } from "../../../../review/contract/me.ts";
import { Filmstrip } from "../../../components/filmstrip.tsx";
import { ScoreCurve } from "../../../components/score-curve.tsx";
import { Stage } from "../../../components/stage.tsx";
import type { PictureStore } from "../../../exposure/picture-store.ts";
import { frameText } from "../../../strings/frame.en.ts";
import { loadThumbnails } from "../session/picture-shelf.ts";
import type { ReviewSession } from "../session/review-session.ts";
import type { OnStage } from "../session/review-state.ts";
import { Ended } from "./ended.tsx";
import { LookTools } from "./look-tools.tsx";
import { ReasonDialog } from "./reason-dialog.tsx";
import { StageWords } from "./stage-words.tsx";
import { usePainted } from "./use-painted.ts";
import { type StagePicture, usePicture } from "./use-picture.ts";

interface Props {
  session: ReviewSession;
  stage: OnStage;
  /** The frame in the large place, and its place among the others, from 1. */
  frame: Frame;
  place: number;
  store: PictureStore | null;
  me: Me;
  /** Called with every change, so that keys and decisions know of the picture. */
  onPicture: (picture: StagePicture | null) => void;
}

/** The picture under its cover, the frames and the curve. */
export function LookPanel({ session, stage, frame, place, store, me, onPicture }: Props) {
  const { incident, token } = stage.hold;
  const element = useRef<HTMLDivElement>(null);
  const picture = usePicture(stage, frame, store, me.preferences, me.limits);
  onPicture(picture);
  useLayoutEffect(() => () => onPicture(null), []);
  const thumbnail = store?.read(frame.captureId, "thumbnail")?.state ?? "loading";
  usePainted(session, token, frame.thumbnail !== "available" || thumbnail !== "loading", element);
  useFocusOnArrival(token, element);

  useEffect(() => {
    if (store) loadThumbnails(store, incident.frames, frame);
  }, [store, incident.frames, frame]);

  const words = me.categories.find(({ category }) => category === incident.category);
  const threshold = words?.threshold ?? frame.findings[0]?.threshold ?? null;
  const common = {
    frames: incident.frames,
    selected: frame.captureId,
    trigger: incident.trigger,
    category: incident.category,
  };
  return (
    <>
      <div class="look-stage">
        <Stage
          incidentId={incident.id}
          frame={frame}
          cover={picture.cover}
          shown={picture.shown}
          label={frameText.label(frame, place, incident.frames.length, incident.category, picture.shown === null)}
          onHold={{ begin: () => picture.begin("tone"), end: picture.end }}
          stageRef={element}
          thumbnail={store?.address(frame.captureId, "thumbnail") ?? null}
        >
          <StageWords
            {...{ frame, place, picture, threshold }}
            of={incident.frames.length}
            category={incident.category}
          />
        </Stage>
        {stage.ended ? (
          <Ended session={session} ended={stage.ended} noted={stage.note !== ""} />
        ) : (
          <LookTools picture={picture} />
        )}
      </div>
      <div class="look-film">
        <Filmstrip
          {...common}
          cover={picture.cover}
          addressOf={(captureId) => store?.address(captureId, "thumbnail") ?? null}
          onSelect={(captureId) => session.dispatch({ type: "selected", captureId })}
        />
      </div>
      <div class="look-curve">
        <ScoreCurve {...common} threshold={threshold} />
      </div>
      {picture.asking && <ReasonDialog onAnswer={picture.answer} />}
    </>
  );
}

/** The next incident takes the focus, unless somebody is writing elsewhere. */
function useFocusOnArrival(token: number, element: { current: HTMLElement | null }): void {
  useEffect(() => {
    const at = document.activeElement;
    if (at === null || at === document.body || at.closest("[data-review]:not([data-fact] *)"))
      element.current?.focus({ preventScroll: true });
  }, [token]);
}
