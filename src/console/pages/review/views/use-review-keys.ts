import type { Me } from "../../../../review/contract/me.ts";
import type { CommandId } from "../../../keys/commands.ts";
import type { KeyHandler } from "../../../keys/key-listener.ts";
import { useKeys } from "../../../keys/use-keys.ts";
import { toggleBreak } from "../../../shell/break.ts";
import { incidentPath } from "../../../shell/pages.ts";
import type { ReviewSession } from "../session/review-session.ts";
import type { OnStage } from "../session/review-state.ts";
import { frameBy, peakFrame } from "../session/stage.ts";
import type { Deciding } from "./use-deciding.ts";
import type { StagePicture } from "./use-picture.ts";

const places = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** The keys of Review: looking, moving through frames, deciding, and the ways to its parts. */
export function useReviewKeys(
  session: ReviewSession,
  stage: OnStage | null,
  me: Me,
  deciding: Deciding,
  picture: { current: StagePicture | null },
): void {
  const select = (captureId: string | undefined) => {
    if (captureId) session.dispatch({ type: "selected", captureId });
  };
  const to = (by: number) => () => select(stage ? frameBy(stage, by)?.captureId : undefined);
  const actions = Object.fromEntries(
    places.map((place) => [`review.action.${place}`, () => deciding.action(me.actions[place - 1])]),
  ) as Partial<Record<CommandId, KeyHandler>>;
  useKeys("review", {
    ...actions,
    "review.look": { press: () => picture.current?.begin("tone"), release: () => picture.current?.end() },
    "review.look-colour": { press: () => picture.current?.begin("colour"), release: () => picture.current?.end() },
    "review.frame-before": to(-1),
    "review.frame-after": to(1),
    "review.frame-first": to(Number.NEGATIVE_INFINITY),
    "review.frame-last": to(Number.POSITIVE_INFINITY),
    "review.frame-peak": () => select(stage ? peakFrame(stage.hold.incident)?.captureId : undefined),
    "review.larger": () => picture.current?.resize(1),
    "review.smaller": () => picture.current?.resize(-1),
    "review.no-violation": deciding.noViolation,
    "review.commit": deciding.commit,
    "review.category": () => deciding.open("category"),
    "review.escalate": () => deciding.open("escalate"),
    "review.skip": () => deciding.open("skip"),
    "review.undo": deciding.undo,
    "review.break": toggleBreak,
    "review.note": () => goTo("note", "textarea"),
    "review.policy": () => goTo("policy", "summary"),
    "review.history": () => goTo("history", "summary"),
    "review.incident": () => stage && open(incidentPath(stage.hold.incident.id), "_blank", "noopener"),
  });
  useKeys("everywhere", {
    cover: () => {
      picture.current?.hide();
      deciding.disarm();
      session.dispatch({ type: "layer", layer: null });
      if (document.activeElement instanceof HTMLElement && document.activeElement.closest("[data-fact]"))
        document.querySelector<HTMLElement>("[data-stage]")?.focus();
    },
  });
}

/** Opens a part of the facts and puts the focus there. */
function goTo(fact: string, part: string): void {
  const section = document.querySelector<HTMLDetailsElement>(`[data-fact="${fact}"]`);
  if (!section) return;
  section.open = true;
  section.querySelector<HTMLElement>(part)?.focus();
  section.scrollIntoView({ block: "nearest" });
}
