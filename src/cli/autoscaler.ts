import { Command } from "commander";
import { createExternalScaler } from "../scaling/keda/external-scaler.ts";
import { limitsOf } from "../scaling/pool-limits.ts";
import { createContext } from "./context.ts";
import { runUntilSignal } from "./run-until-signal.ts";

export const autoscalerCommand = new Command("autoscaler")
  .description(
    "Decide how many workers each pool shall have, and tell KEDA (its external scaler, over gRPC) and Prometheus",
  )
  .addHelpText("after", "\nExample:\n  BRIAREUS_FETCH_POOL=0..20@3s briareus autoscaler")
  .action(async () => {
    const { settings, log } = createContext("autoscaler");
    const { host, port } = settings.scaler;
    const scaler = createExternalScaler({
      redisUrl: settings.redisUrl,
      host,
      port,
      limits: limitsOf(settings.scaler),
      log,
    });
    await runUntilSignal("autoscaler", scaler, settings);
  });
