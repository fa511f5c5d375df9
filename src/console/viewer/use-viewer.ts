import { useEffect, useMemo, useReducer, useState } from "preact/hooks";
import type { Frame, Incident } from "../../review/contract/incident.ts";
import { coverOf, type Look, type Size, sizeOf, sizeStep, toneOf } from "../exposure/cover.ts";
import { createPictureStore, type KeptForm, type Picture } from "../exposure/picture-store.ts";
import { useLook } from "../exposure/use-look.ts";
import { isRestricted, keptForm } from "../pages/review/session/picture-shelf.ts";
import { me } from "../session/me.ts";
import { preferences } from "../session/preferences.ts";

/**
 * The frames of an incident outside of Review, under the same rules: covered until somebody looks. A picture is asked
 * for only when looked at, since each delivery of severe evidence is logged.
 */
export function useViewer(incident: Incident) {
  const [selected, select] = useState(incident.trigger);
  const frame = incident.frames.find(({ captureId }) => captureId === selected) ?? incident.frames[0] ?? null;
  const store = useMemo(() => createPictureStore(), []);
  useEffect(() => () => store.dispose(), [store]);
  const { categories, limits } = me.value ?? { categories: [], limits: null };
  const words = categories.find(({ category }) => category === incident.category) ?? null;
  const choice = preferences.value;
  const looking = useLook(choice?.look ?? "hold", frame?.captureId ?? "");
  const [sized, setSized] = useState<Size | null>(null);
  const restricted = frame !== null && isRestricted(frame);
  const [reason, setReason] = useState<string | undefined>(undefined);
  const [asking, setAsking] = useState(false);
  const [, follow] = useReducer<number, void>((turn) => turn + 1, 0);
  const size = sized ?? (choice ? sizeOf(incident.severity, choice, restricted) : "S");
  const cover =
    choice && limits
      ? coverOf(incident.severity, choice, limits, restricted)
      : ({ kind: "solid" } satisfies ReturnType<typeof coverOf>);

  const want = (look: Look): { filter: string; form: KeptForm } | null => {
    if (!frame || !choice) return null;
    const tone = toneOf(incident.severity, choice, look);
    const form = keptForm(frame, tone.form);
    return form && { filter: tone.filter, form };
  };
  const viewable = want("tone") !== null;
  /** Asks for the picture and then looks; what the law restricts only after a reason was given. */
  const open = (look: Look, act: (look: Look) => void) => {
    if (restricted && viewable && !reason) return setAsking(true);
    const wanted = want(look);
    if (frame && wanted) {
      store.load(frame.captureId, wanted.form, reason);
      store.retry(frame.captureId, wanted.form, reason);
    }
    act(look);
    // From now on there is something in the store to follow.
    follow();
  };
  const uncovered = cover.kind === "none" && viewable;
  // Without a cover there is nothing to ask for: each frame shows as it is chosen.
  useEffect(() => {
    if (uncovered) open("tone", () => {});
  }, [uncovered, frame?.captureId]);
  const look = looking.look ?? (uncovered ? "tone" : null);
  const wanted = look ? want(look) : null;
  const picture: Picture | null = frame && wanted ? store.read(frame.captureId, wanted.form) : null;

  const at = incident.frames.findIndex(({ captureId }) => captureId === frame?.captureId);
  const step = (to: number) => {
    const next = incident.frames[Math.max(0, Math.min(incident.frames.length - 1, to))];
    if (next) select(next.captureId);
  };
  return {
    frame,
    place: at + 1,
    cover,
    words,
    size,
    picture,
    filter: wanted?.filter ?? "none",
    /** Whether there is anything to look at. */
    viewable,
    look: looking.look,
    begin: (next: Look) => open(next, looking.begin),
    end: looking.end,
    toggle: (next: Look) => open(next, looking.toggle),
    /** Whether it must be said first why a restricted picture is opened. */
    asking,
    answer: (text: string | null) => {
      setAsking(false);
      if (text) setReason(text);
    },
    hide: looking.cover,
    select,
    stepBy: (by: number) => step(at + by),
    toFirst: () => step(0),
    toLast: () => step(incident.frames.length - 1),
    toPeak: () => {
      const peak = peakOf(incident.frames);
      if (peak) select(peak.captureId);
    },
    resize: (by: 1 | -1) => setSized(sizeStep(size, by)),
  };
}

export type Viewer = ReturnType<typeof useViewer>;

function peakOf(frames: readonly Frame[]): Frame | undefined {
  return frames.reduce<Frame | undefined>(
    (best, frame) => ((frame.score ?? -1) > (best?.score ?? -1) ? frame : best),
    undefined,
  );
}
