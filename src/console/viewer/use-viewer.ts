import { useEffect, useMemo, useState } from "preact/hooks";
import type { Frame, Incident } from "../../review/contract/incident.ts";
import { coverOf, type Look, type Size, sizeOf, sizeStep, toneOf } from "../exposure/cover.ts";
import { createPictureStore, type KeptForm, type Picture } from "../exposure/picture-store.ts";
import { useLook } from "../exposure/use-look.ts";
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
  const restricted = words?.restricted === true;
  const size = sized ?? (choice ? sizeOf(incident.severity, choice, restricted) : "S");
  const cover =
    choice && limits
      ? coverOf(incident.severity, choice, limits, restricted)
      : ({ kind: "solid" } satisfies ReturnType<typeof coverOf>);

  const want = (look: Look): { filter: string; form: KeptForm } | null => {
    if (!frame || !choice) return null;
    const tone = toneOf(incident.severity, choice, look);
    if (frame.picture === "available") return tone;
    return frame.thumbnail === "available" ? { ...tone, form: "thumbnail" } : null;
  };
  const ask = (look: Look) => {
    const wanted = want(look);
    if (frame && wanted) store.load(frame.captureId, wanted.form);
  };
  const wanted = looking.look ? want(looking.look) : null;
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
    viewable: want("tone") !== null,
    look: looking.look,
    begin: (look: Look) => {
      ask(look);
      looking.begin(look);
    },
    end: looking.end,
    toggle: (look: Look) => {
      ask(look);
      looking.toggle(look);
    },
    hide: looking.cover,
    select,
    stepBy: (by: number) => step(at + by),
    toFirst: () => step(0),
    toLast: () => step(incident.frames.length - 1),
    toPeak: () => step(incident.frames.findIndex((one) => one === peakOf(incident.frames))),
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
