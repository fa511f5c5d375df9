import { useEffect, useState } from "preact/hooks";
import type { Frame } from "../../../../review/contract/incident.ts";
import type { Me, Preferences } from "../../../../review/contract/me.ts";
import { coverOf, type Look, type Size, sizeOf, sizeStep, toneOf } from "../../../exposure/cover.ts";
import type { KeptForm, PictureStore } from "../../../exposure/picture-store.ts";
import { useLook } from "../../../exposure/use-look.ts";
import { isRestricted, keptForm } from "../session/picture-shelf.ts";
import type { OnStage } from "../session/review-state.ts";

const settleMs = 150;

/**
 * The picture of the frame on the stage: how it is covered, and what shows while somebody looks. `own` and `limits` are
 * the person's preferences and the administrator's floors.
 */
export function usePicture(
  stage: OnStage,
  frame: Frame,
  store: PictureStore | null,
  own: Preferences,
  limits: Me["limits"],
) {
  const { severity } = stage.hold.incident;
  const restricted = isRestricted(frame);
  const cover = coverOf(severity, own, limits, restricted);
  const looking = useLook(own.look, `${stage.hold.token} ${frame.captureId}`);
  const [size, setSize] = useState<Size>(sizeOf(severity, own, restricted));
  const [reason, setReason] = useState<{ token: number; text: string } | null>(null);
  const [asking, setAsking] = useState(false);
  const given = reason?.token === stage.hold.token ? reason.text : undefined;

  const wanted = (look: Look) => {
    const tone = toneOf(severity, own, look);
    return { ...tone, form: keptForm(frame, tone.form) };
  };
  const fetchFor = (form: KeptForm | null, why = given) => {
    if (form && (!restricted || why)) store?.load(frame.captureId, form, why);
  };
  const tone = wanted("tone");

  // Frames that are only passed by are not fetched: each delivery of severe evidence is logged.
  useEffect(() => {
    const timer = setTimeout(() => fetchFor(tone.form), settleMs);
    return () => clearTimeout(timer);
  }, [store, frame.captureId, tone.form, given]);
  useEffect(() => setSize(sizeOf(severity, own, restricted)), [stage.hold.token, own.size]);

  const open = stage.ended === null;
  const look = open ? (looking.look ?? (cover.kind === "none" ? "tone" : null)) : null;
  const now = look ? wanted(look) : null;
  const picture = now?.form && store ? store.read(frame.captureId, now.form) : null;
  const kept = tone.form && store ? store.read(frame.captureId, tone.form) : null;
  const begin = (next: Look, act: (look: Look) => void) => {
    if (!open) return;
    if (restricted && tone.form && !given) {
      setAsking(true);
      return;
    }
    fetchFor(wanted(next).form);
    act(next);
  };
  return {
    cover,
    look: looking.look,
    shown: picture && now ? { picture, filter: now.filter, size, spotlight: own.spotlight } : null,
    /** Why there is no picture to see: never kept, or not to be had now. */
    missing: tone.form === null ? ("never" as const) : kept?.state === "failed" ? kept.error : null,
    failed: kept?.state === "failed",
    loading: look !== null && picture?.state === "loading",
    begin: (next: Look) => begin(next, looking.begin),
    end: looking.end,
    toggle: (next: Look) => begin(next, looking.toggle),
    hide: looking.cover,
    retry: () => tone.form && store?.retry(frame.captureId, tone.form, given),
    size,
    setSize,
    resize: (by: 1 | -1) => setSize(sizeStep(size, by)),
    asking,
    answer(text: string | null) {
      setAsking(false);
      if (text) setReason({ token: stage.hold.token, text });
    },
  };
}

export type StagePicture = ReturnType<typeof usePicture>;
