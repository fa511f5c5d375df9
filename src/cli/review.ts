import { Command } from "commander";
import { createContext } from "./context.ts";
import { wholeNumber } from "./parse-options.ts";
import { createReview } from "./review-process.ts";
import { runUntilSignal } from "./run-until-signal.ts";

export const reviewCommand = new Command("review")
  .description("Serve human review: incidents, the console, the API")
  .option("--host <address>", "address to listen on (BRIAREUS_REVIEW_HOST)")
  .option("--port <n>", "port to listen on, 0 for any free one (BRIAREUS_REVIEW_PORT)", wholeNumber(0, 65_535))
  .addHelpText(
    "after",
    `
Example:
  DATABASE_URL=postgres://127.0.0.1/briareus PUBSUB_EMULATOR_HOST=127.0.0.1:8085 briareus review

Makes its tables itself, and waits for the database if it is away. Without a sign-in service (BRIAREUS_OIDC_ISSUER) only
people at this machine can sign in, and only while it listens on loopback.`,
  )
  .action(async (options: { host?: string; port?: number }) => {
    const context = createContext("review");
    const service = await createReview(context, options);
    await runUntilSignal("review", service, context.settings);
  });
