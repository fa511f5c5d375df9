import type { Frame, PictureState } from "../../review/contract/incident.ts";
import type { CurvePoint } from "../components/score-points.ts";
import { counted, formatScore, formatTime, plainName } from "./format.en.ts";

const kinds = {
  flagged: "",
  sampled: "drawn at random",
  context: "not flagged",
  before: "before the trigger",
} satisfies Record<Frame["kind"], string>;

/** What is said of a frame and of the frames together. */
export const frameText = {
  filmstrip: (count: number) => counted(count, "frame", "frames"),
  place: (place: number, of: number) => `Frame ${place} of ${of}`,
  label: (frame: Frame, place: number, of: number, category: string, covered: boolean) =>
    [
      `Frame ${place} of ${of}`,
      formatTime(frame.capturedAt),
      frame.score === null ? plainName(category) : `${plainName(category)} ${formatScore(frame.score)}`,
      kinds[frame.kind],
      covered ? "covered" : "not covered",
    ]
      .filter(Boolean)
      .join(", "),
  kind: kinds,
  threshold: (score: string) => `threshold ${score}`,
  curve: (points: readonly CurvePoint[], category: string, threshold: number | null) => {
    if (points.length === 0) return `No scores in ${plainName(category)}`;
    const scores = points.map(({ score }) => score);
    const range = `${formatScore(Math.min(...scores))} to ${formatScore(Math.max(...scores))}`;
    const line = threshold === null ? "" : `, threshold ${formatScore(threshold)}`;
    return `Scores in ${plainName(category)} over ${counted(points.length, "frame", "frames")}: ${range}${line}`;
  },
  missing: {
    expired: "This picture has been deleted: its time is over.",
    none: "No picture of this frame was kept.",
    restricted: "The law restricts this picture. Only leads with the grant may open it.",
  } satisfies Record<Exclude<PictureState, "available">, string>,
  unavailable: "The store of pictures cannot be reached.",
  unreadable: "This picture cannot be read.",
  loading: "The picture is on its way.",
};
