import { Command } from "commander";
import { runTop, type TopOptions } from "./run-top.ts";

export const topCommand = new Command("top")
  .description("Show all pools live: workers, work, rates, failures, what is decided and tuned, and why")
  .option("--once", "show them once and end, as is done where the output is no terminal")
  .option("--json", "print JSON: a line a second, or one document with --once")
  .addHelpText(
    "after",
    `
Examples:
  briareus top
  briareus top --once --json | jq '.state.pools[] | {stage, depth}'

Finds a system that runs on this machine by itself; another one by REDIS_URL.`,
  )
  .action((options: TopOptions) => runTop(options));
