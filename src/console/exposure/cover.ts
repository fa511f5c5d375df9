/** How a picture is covered, and how it looks when revealed, by severity and preference. Pure. */
import type { Severity } from "../../capture/verdict.ts";
import type { ExposureLimits, Preferences } from "../../review/contract/me.ts";

export type Cover =
  | { kind: "none" }
  | {
      kind: "blur" /** Radius as a share of the long edge, in 0..1. */;
      share: number;
      grey: boolean;
      brightness: number;
    }
  | { kind: "solid" };

export type Look = "tone" | "colour";
export type Size = "S" | "M" | "L";
type CoverChoice = Pick<Preferences, "blur" | "coverLow" | "coverMedium">;
type ToneChoice = Pick<Preferences, "tone" | "brightness">;

const shares = { low: 0.01, medium: 0.01, high: 0.02, severe: 0.04 } satisfies Record<Severity, number>;

/** What lies over a picture until somebody looks; an administrator's floors go before preferences. */
export function coverOf(severity: Severity, choice: CoverChoice, limits: ExposureLimits, restricted = false): Cover {
  if (restricted) return { kind: "solid" };
  if (severity === "low" && !choice.coverLow && !limits.coverLow) return { kind: "none" };
  if (severity === "medium" && !choice.coverMedium && !limits.coverMedium) return { kind: "none" };
  return {
    kind: "blur",
    share: Math.max(choice.blur ?? shares[severity], limits.leastBlur),
    grey: severity === "high" || severity === "severe",
    brightness: severity === "severe" ? 0.85 : 1,
  };
}

/** On a small thumbnail a share would leave what is to be covered readable. */
const leastPx = 2;

/** The CSS filter of a cover; its blur follows the size of the container that the picture stands in. */
export function coverFilter(cover: Cover): string {
  if (cover.kind !== "blur") return "none";
  const parts = [`blur(max(${leastPx}px, ${(cover.share * 100).toFixed(2)}cqmax))`];
  if (cover.grey) parts.push("grayscale(1)");
  if (cover.brightness < 1) parts.push(`brightness(${cover.brightness})`);
  return parts.join(" ");
}

const tones = {
  colour: "",
  muted: "saturate(0.35) contrast(0.9)",
  grey: "grayscale(1)",
  sepia: "sepia(0.9)",
  // The server has smoothed it already.
  smoothed: "",
} satisfies Record<Exclude<Preferences["tone"], "by-severity">, string>;

const toneBySeverity = { low: "colour", medium: "muted", high: "grey", severe: "grey" } as const;

/** The CSS filter of a revealed picture, and which of its forms is asked of the server. */
export function toneOf(
  severity: Severity,
  choice: ToneChoice,
  look: Look,
): { filter: string; form: "sharp" | "smoothed" } {
  const tone = look === "colour" ? "colour" : choice.tone === "by-severity" ? toneBySeverity[severity] : choice.tone;
  const dim = choice.brightness < 1 ? `brightness(${choice.brightness})` : "";
  return {
    filter: [tones[tone], dim].filter(Boolean).join(" ") || "none",
    form: tone === "smoothed" ? "smoothed" : "sharp",
  };
}

export const sizes: readonly Size[] = ["S", "M", "L"];

/** How large a revealed picture is at first. */
export function sizeOf(severity: Severity, choice: Pick<Preferences, "size">, restricted = false): Size {
  return choice.size ?? (severity === "severe" || restricted ? "S" : "M");
}

/** One size up or down, staying at the ends. */
export function sizeStep(size: Size, by: 1 | -1): Size {
  return sizes[Math.min(sizes.length - 1, Math.max(0, sizes.indexOf(size) + by))] ?? size;
}
