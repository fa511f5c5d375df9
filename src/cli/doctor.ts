import { Command } from "commander";
import { createContext } from "./context.ts";
import { diagnose } from "./diagnose.ts";
import { exitCodes } from "./exit.ts";

export const doctorCommand = new Command("doctor")
  .description("Check Redis, Postgres, Pub/Sub, model server, blob stores, policy and scaling, and say what to do")
  .option("--json", "print JSON")
  .addHelpText(
    "after",
    "\nExample:\n  REDIS_URL=redis://10.0.0.5:6379 briareus doctor\n\nok: well; note: well, but look at it; FAIL: wrong.\nEnds with 1 when anything is wrong.",
  )
  .action(async (options: { json?: boolean }) => {
    // Google's client also throws missing credentials outside the promise that it rejects with them.
    process.on("uncaughtException", () => undefined);
    const findings = await diagnose(createContext("doctor"));
    if (options.json) console.log(JSON.stringify(findings, null, 2));
    else {
      for (const { what, good, detail, advice } of findings) {
        console.log(
          `${good ? (advice ? "note" : "ok  ") : "FAIL"}  ${what}: ${detail}${advice ? `\n      ${advice}` : ""}`,
        );
      }
    }
    process.exit(findings.every(({ good }) => good) ? exitCodes.ok : exitCodes.failed);
  });
