import type { Frame } from "../../../../review/contract/incident.ts";
import { labelOf } from "../../../keys/key-label.ts";
import { keymap } from "../../../keys/key-listener.ts";
import { preferences } from "../../../session/preferences.ts";
import { formatTime } from "../../../strings/format.en.ts";
import { frameText } from "../../../strings/frame.en.ts";
import { reviewText } from "../../../strings/review.en.ts";
import type { StagePicture } from "./use-picture.ts";

interface Props {
  frame: Frame;
  place: number;
  of: number;
  category: string;
  threshold: number | null;
  picture: StagePicture;
}

/** What is said over the cover: what will be seen is named before it is. */
export function StageWords({ frame, place, of, category, threshold, picture }: Props) {
  const key = labelOf(keymap.value, "review.look");
  const missing = missingWords(frame, picture);
  const finding = frame.findings.find((one) => one.category === category);
  return (
    <>
      {missing && (
        <div class="stage-missing">
          <p>{missing}</p>
        </div>
      )}
      {picture.loading && <p>{frameText.loading}</p>}
      <p>
        {reviewText.frame(
          place,
          of,
          formatTime(frame.capturedAt),
          reviewText.finding(category, frame.score, finding?.threshold ?? threshold),
        )}
        {frameText.kind[frame.kind] && ` · ${frameText.kind[frame.kind]}`}
      </p>
      {!missing && (
        <p class="small">
          <span class="with-keys">
            {preferences.value?.look === "press" ? reviewText.lookPress(key) : reviewText.lookHold(key)}
          </span>
          <span class="with-touch">{reviewText.lookTouch}</span>
        </p>
      )}
    </>
  );
}

function missingWords(frame: Frame, { missing, failed }: StagePicture): string | null {
  if (missing === "never") return frameText.missing[frame.picture === "available" ? "none" : frame.picture];
  if (!failed) return null;
  return missing?.message ?? frameText.unreadable;
}
