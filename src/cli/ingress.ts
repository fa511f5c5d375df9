import { Command } from "commander";
import { createIngress } from "../producer/ingress/ingress.ts";
import { ensureTopics, openCapturesSubscription } from "../producer/ingress/subscription.ts";
import { createContext } from "./context.ts";
import { exitCodes } from "./exit.ts";
import { runUntilSignal } from "./run-until-signal.ts";

export const ingressCommand = new Command("ingress")
  .description("Take captures off the Pub/Sub subscription, hold them until their verdicts are durable")
  .addHelpText("after", "\nExample:\n  PUBSUB_EMULATOR_HOST=127.0.0.1:8085 briareus ingress")
  .action(async () => {
    const { settings, log } = createContext("ingress");
    const { pubsub, redisUrl, ingress, captures } = settings;
    if (pubsub.emulatorHost) await ensureTopics(pubsub);
    const { subscription } = openCapturesSubscription({
      project: pubsub.project,
      subscription: pubsub.capturesSubscription,
      maxHeld: ingress.maxHeld,
    });
    // Started anew it finds out, or makes, what is missing; what it held is delivered again.
    const failed = () => process.exit(exitCodes.failed);
    const part = createIngress({ redisUrl, subscription, ...ingress, ...captures, log, failed });
    await runUntilSignal("ingress", part, settings);
  });
