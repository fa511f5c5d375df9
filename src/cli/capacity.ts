import { Command, InvalidArgumentError, Option } from "commander";
import { plannedNames } from "../scaling/documented-costs.ts";
import { type CapacityOptions, numberPer, parseHeadroom, pricedNames } from "./capacity-options.ts";
import { parseDuration, positiveNumber, wholeNumber } from "./parse-options.ts";
import { runCapacity } from "./run-capacity.ts";

const aMillion = 1_000_000;
const milliseconds = { least: 0.001, most: 600_000 };

export const capacityCommand = new Command("capacity")
  .description("Say how many workers a load needs, or what so many carry, by the scaling rule")
  .option("--rate <n>", "captures a second that come", positiveNumber(10 * aMillion))
  .option("--streams <n>", "streams, in the place of a rate", wholeNumber(1, 10 * aMillion))
  .option("--fps <f>", "captures a second of each stream (default: 1)", positiveNumber(60))
  .option(
    "--workers <pool=n>",
    "what do so many carry? Pools that are not named limit nothing",
    numberPer(plannedNames, { least: 1, most: 100_000, whole: true }),
  )
  .addOption(
    new Option("--goal <duration>", "what is there shall be done within").argParser(parseGoal).default(3_000, "3s"),
  )
  .option("--headroom <n>", "capacity for so many times what comes", parseHeadroom, 1.25)
  .option("--backlog <n>", "captures that come at once, too, and shall be done within the goal", wholeNumber(0, 1e9), 0)
  .option("--service <pool=ms>", "milliseconds of a slot per capture", numberPer(plannedNames, milliseconds))
  .option(
    "--concurrency <pool=n>",
    "slots of a worker",
    numberPer(plannedNames, { least: 1, most: 1_000, whole: true }),
  )
  .option("--cpu <pool=ms>", "milliseconds of a core per capture", numberPer(plannedNames, milliseconds))
  .option("--memory <pool=MiB>", "memory of a worker", numberPer(plannedNames, { least: 1, most: aMillion }))
  .option(
    "--price <name=amount>",
    "per hour, of a core, a gib, or a worker of a pool (a GPU: model-server=0.35)",
    numberPer(pricedNames, { least: 0, most: aMillion }),
  )
  .option("--documented", "reckon with docs/operate.md's figures, and ask no running system")
  .option("--json", "print JSON")
  .addHelpText(
    "after",
    `
Examples:
  briareus capacity --streams 1000 --fps 0.5
  briareus capacity --rate 500 --service model-server=1.1 --cpu model-server=0.3 --price core=0.03,gib=0.004,model-server=0.35
  briareus capacity --workers preprocess=8,model-server=1

Service times are those of the system whose Redis is REDIS_URL, where it runs and has worked; else what docs/operate.md
says. Options with POOL=NUMBER take several with commas between: ${plannedNames.join(", ")}.`,
  )
  .action((options: CapacityOptions) => runCapacity(options));

function parseGoal(text: string): number {
  const goalMs = parseDuration(text);
  if (goalMs >= 100 && goalMs <= 3_600_000) return goalMs;
  throw new InvalidArgumentError("must be a duration from 100ms to 1h.");
}
