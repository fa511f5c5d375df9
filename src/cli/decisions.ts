import { Command } from "commander";
import { report } from "./exit.ts";
import { wholeNumber } from "./parse-options.ts";
import { type DecisionsOptions, runDecisions } from "./run-decisions.ts";

export const decisionsCommand = new Command("decisions")
  .description("Show moderators' decisions: the last ones, or each as it leaves for the platform")
  .option("--follow", "print decisions as they arrive on the topic, until interrupted")
  .option("--subscription <name>", "with --follow: a subscription that stays, so that nothing is missed between runs")
  .option("--last <n>", "without --follow: how many", wholeNumber(1, 10_000), 20)
  .option("--json", "print one JSON object per line instead of a table")
  .addHelpText(
    "after",
    `
Examples:
  briareus decisions --follow
  briareus decisions --follow --json | jq -r 'select(.action == "suspend").streamId'
  briareus decisions --last 100

--follow reads Pub/Sub as a platform does, and makes a subscription of its own; a decision may come twice, and is
printed once. Without it the database is read (DATABASE_URL), which also knows what was undone or has not left yet.`,
  )
  .action(async (options: DecisionsOptions) => {
    process.exit(await runDecisions(options).catch(report));
  });
