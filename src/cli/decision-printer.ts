import { styleText } from "node:util";
import type { DecisionMessage } from "../review/contract/decision.ts";

export interface DecisionPrinter {
  /** @param state what the database knows of its sending; absent: it came from the topic */
  print(decision: DecisionMessage, state?: string): void;
}

/** Prints decisions as they come: rows of a table, or one JSON object per line. */
export function createDecisionPrinter(options: { json?: boolean; write: (line: string) => void }): DecisionPrinter {
  const { json, write } = options;
  if (json) return { print: (decision, state) => write(JSON.stringify(state ? { ...decision, state } : decision)) };
  let begun = false;
  return {
    print(decision, state) {
      if (!begun) {
        write(
          styleText("dim", `${"decided at".padEnd(24)}  ${"stream".padEnd(24)}  ${"incident".padEnd(9)}  decision`),
        );
      }
      begun = true;
      const { decidedAt, streamId, incidentId } = decision;
      const words = [judgement(decision), ...(state && state !== "sent" ? [`(${state})`] : []), ...note(decision)];
      write(
        `${decidedAt.padEnd(24)}  ${plain(streamId, 24).padEnd(24)}  ${`#${incidentId}`.padEnd(9)}  ${words.join("  ")}`,
      );
    },
  };
}

function judgement({ outcome, category, decidedCategory, action }: DecisionMessage): string {
  if (outcome === "no-violation") return styleText("green", `no violation (${plain(category, 48)})`);
  const corrected = decidedCategory !== category ? ` (found: ${plain(category, 48)})` : "";
  return `${styleText("red", `${plain(decidedCategory ?? "", 48)} → ${plain(action ?? "", 64)}`)}${corrected}`;
}

const note = ({ note: text }: DecisionMessage) => (text === "" ? [] : [JSON.stringify(plain(text, 80))]);

/** People and platforms name things: what could steer a terminal is shown as a mark, and long names are cut. */
function plain(text: string, longest: number): string {
  const shown = text.replace(/\p{C}/gu, "�");
  return shown.length <= longest ? shown : `${shown.slice(0, longest - 1)}…`;
}
