import { type StageDefinition, stages } from "../../src/pipeline/stages.ts";
import { markdownTable } from "./markdown-table.ts";

export function stageTable(): string {
  const rows = Object.entries<StageDefinition>(stages).map(([name, stage]) => [
    `\`${name}\``,
    stage.next ? `\`${stage.next}\`` : "the topic of verdicts",
    stage.boundBy,
    String(stage.concurrency),
    Number.isFinite(stage.attempts) ? String(stage.attempts) : "until it is done",
    `${stage.backoffMs} ms`,
    `${stage.lockMs / 1000} s`,
    `${stage.stragglerMs / 1000} s`,
  ]);
  return markdownTable(
    ["stage", "next", "bound by", "batches at a time", "attempts", "back-off from", "lock", "waits for stragglers"],
    rows,
  );
}
