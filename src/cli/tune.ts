import { Argument, Command, InvalidArgumentError } from "commander";
import { type StageName, stageNames } from "../pipeline/stages.ts";
import { type TunedNumber, tuningLimits } from "../pipeline/tuning/tuning.ts";
import { parseDuration, wholeNumber } from "./parse-options.ts";
import { runTune } from "./run-tune.ts";
import type { TuneOptions } from "./tune-step.ts";

const anyVersion = wholeNumber(0, Number.MAX_SAFE_INTEGER);

export const tuneCommand = new Command("tune")
  .description("Show and change how pools work, while they do")
  .addArgument(new Argument("[stage]", "the pool; without one, all of them are shown").choices(stageNames))
  .option("--concurrency <n>", 'batches that one worker works on at a time; or "default"', tunedNumber("concurrency"))
  .option("--batch <n>", "captures per job at most; or default", tunedNumber("batch"))
  .option("--min <n>", "workers at least; or default", tunedNumber("min"))
  .option("--max <n>", "workers at most; or default", tunedNumber("max"))
  .option("--goal <duration>", "what is there shall be done within (3s, 500ms); or default", tunedNumber("goalMs"))
  .option("--pause", "let the pool begin nothing more")
  .option("--resume", "let it begin again")
  .option("--reason <text>", "why, for those who read the log; every change needs one")
  .option("--try <duration>", "take the change back after so long (10s to 1h) unless it is kept", parseDuration)
  .option("--dry-run", "say what the change would do, and change nothing")
  .option("--from-version <n>", "refuse unless this version is in force", anyVersion)
  .option("--keep", "keep what is on trial")
  .option("--revert", "take back what is on trial")
  .option(
    "--restore <version>",
    "bring an earlier version back, as a new one; 0 is the deployment's defaults",
    anyVersion,
  )
  .option("--log", "who changed what, and why, newest first")
  .option("--json", "print JSON")
  .addHelpText(
    "after",
    `
Examples:
  briareus tune                                               what is tuned, and who changed it last
  briareus tune infer --max 6 --dry-run                       what that would do
  briareus tune infer --max 6 --try 5m --reason "a flood"     for five minutes, unless it is kept
  briareus tune --keep --reason "it helped"
  briareus tune fetch --pause --reason "the CDN is down"

Running workers follow within a second. docs/tune.md says what each number does.`,
  )
  .action((stage: StageName | undefined, options: TuneOptions) => runTune(stage, options));

/** A number, or "default" for the deployment's. @throws InvalidArgumentError saying what is allowed */
function tunedNumber(field: TunedNumber): (text: string) => number | "default" {
  const { min, max, words } = tuningLimits[field];
  return (text) => {
    if (text === "default") return text;
    const value =
      field === "goalMs" ? Math.round(parseDuration(text)) : /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`${words}.`);
  };
}
