import { Command } from "commander";
import { describeSettings, readVariables } from "../config/settings.ts";
import { withRunningSystem } from "../local/running-system.ts";

export const configCommand = new Command("config")
  .description("Print every setting, its value and where it comes from; secrets masked")
  .option("--json", "print JSON")
  .addHelpText("after", "\nExample:\n  BRIAREUS_BATCH=32 briareus config")
  .action((options: { json?: boolean }) => {
    const env = withRunningSystem(process.env);
    readVariables(env);
    const rows = describeSettings(env);
    if (options.json) return console.log(JSON.stringify(rows, null, 2));
    for (const { name, value, source, description } of rows) {
      console.log(`${name}=${value}  (${source})\n    ${description}`);
    }
  });
