import { styleText } from "node:util";
import type { Verdict, VerdictKind } from "../capture/verdict.ts";

export interface VerdictPrinter {
  verdict(name: string, verdict: Verdict): void;
  /** A picture whose verdict did not come. */
  missing(name: string): void;
}

const widest = 48;
const colours = {
  clean: "green",
  flagged: "red",
  unprocessable: "yellow",
  expired: "magenta",
} as const satisfies Record<VerdictKind, string>;

/**
 * Prints verdicts as they come: rows of a table, or one JSON object per line.
 * @param names of all pictures, for the width of their column
 */
export function createVerdictPrinter(
  names: readonly string[],
  options: { json?: boolean; write: (line: string) => void },
): VerdictPrinter {
  const { json, write } = options;
  if (json) {
    return {
      verdict: (name, verdict) => write(JSON.stringify({ picture: name, ...verdict })),
      missing: (name) => write(JSON.stringify({ picture: name, verdict: null })),
    };
  }
  const width = names.reduce((most, name) => Math.max(most, Math.min(name.length, widest)), "picture".length);
  const row = (name: string, kind: string, why: string, score: string, ms: string) =>
    `${shown(name, width)}  ${kind}  ${why.padEnd(22)}  ${score.padStart(5)}  ${ms.padStart(6)}`;
  const head = row("picture", "verdict".padEnd(13), "reason or top finding", "score", "ms");
  let begun = false;
  const print = (line: string) => {
    if (!begun) write(styleText("dim", head));
    begun = true;
    write(line);
  };
  return {
    verdict(name, verdict) {
      const { label, score } = topScore(verdict);
      const kind = styleText(colours[verdict.verdict], verdict.verdict.padEnd(13));
      const ms = String(verdict.decidedAtMs - verdict.times.receivedAtMs);
      print(row(name, kind, verdict.reason ?? label, score?.toFixed(2) ?? "–", ms));
    },
    missing: (name) => print(row(name, "none".padEnd(13), "no verdict in time", "–", "–")),
  };
}

/** The worst finding, else what the models are surest of. */
function topScore({ findings, scores }: Verdict): { label: string; score?: number } {
  const [worst] = findings.toSorted((a, b) => b.score - a.score);
  if (worst) return { label: worst.category, score: worst.score };
  const labels = scores.flatMap((model) => Object.entries(model.scores)).toSorted(([, a], [, b]) => b - a);
  return { label: labels[0]?.[0] ?? "", score: labels[0]?.[1] };
}

/** Names come from file systems: what could steer a terminal is shown as a mark, the middle of long ones is left out. */
function shown(name: string, width: number): string {
  const plain = name.replace(/\p{C}/gu, "�");
  if (plain.length <= width) return plain.padEnd(width);
  const half = Math.floor((width - 1) / 2);
  return `${plain.slice(0, width - 1 - half)}…${plain.slice(plain.length - half)}`;
}
