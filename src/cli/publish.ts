import { Command, Option } from "commander";
import { exitCodes, report } from "./exit.ts";
import { parseDuration, parseStreamId } from "./parse-options.ts";
import { type PublishOptions, runPublish } from "./run-publish.ts";

export const publishCommand = new Command("publish")
  .description("Publish pictures as captures of a stream, and show their verdicts")
  .argument("<picture...>", "files, folders with all pictures below them, or URLs")
  .requiredOption("--stream <id>", "the stream that the pictures belong to", parseStreamId)
  .option("--wait", "print each picture's verdict when it is there")
  .option("--json", "print one JSON object per line instead of a table")
  .addOption(
    new Option("--timeout <duration>", "give up when nothing happened for so long (500ms, 30s, 5m)")
      .argParser(parseDuration)
      .default(60_000, "1m"),
  )
  .option("--serve-host <address>", "address of this machine at which the system fetches your files", "127.0.0.1")
  .addHelpText(
    "after",
    `
Examples:
  briareus publish holiday/ cat.jpg --stream me --wait
  briareus publish https://www.gstatic.com/webp/gallery/1.jpg --stream me
  briareus publish photos/ --stream me --wait --json | jq -r 'select(.verdict == "flagged").picture'

Files are served over HTTP by this command, under addresses that cannot be guessed, until their verdicts are there
(without --wait: until they were fetched). A system on another machine needs --serve-host, and that address in its
BRIAREUS_FETCH_ALLOW if it is a private one.
Ends with ${exitCodes.incomplete} when a picture is left without a verdict, or, without --wait, not fetched.`,
  )
  .action(async (pictures: string[], options: PublishOptions) => {
    process.exit(await runPublish(pictures, options).catch(report)); // What was not sent in time must not keep it alive.
  });
