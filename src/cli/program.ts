import { Command } from "commander";
import { exitCodes } from "./exit.ts";

/** Each command's file is loaded only when it is named: a worker needs none of the others' memory. */
const commands: Record<string, () => Promise<Command>> = {
  up: async () => (await import("./up.ts")).upCommand,
  publish: async () => (await import("./publish.ts")).publishCommand,
  capture: async () => (await import("./capture.ts")).captureCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
  config: async () => (await import("./config.ts")).configCommand,
  capacity: async () => (await import("./capacity.ts")).capacityCommand,
  top: async () => (await import("./top.ts")).topCommand,
  tune: async () => (await import("./tune.ts")).tuneCommand,
  worker: async () => (await import("./worker.ts")).workerCommand,
  ingress: async () => (await import("./ingress.ts")).ingressCommand,
  autoscaler: async () => (await import("./autoscaler.ts")).autoscalerCommand,
  review: async () => (await import("./review.ts")).reviewCommand,
  "review-key": async () => (await import("./review-key.ts")).reviewKeyCommand,
  decisions: async () => (await import("./decisions.ts")).decisionsCommand,
  "model-server": async () => (await import("./model-server.ts")).modelServerCommand,
  model: async () => await (await import("./model.ts")).createModelCommand(process.argv[3]),
  "serving-controller": async () => (await import("./serving-controller.ts")).servingControllerCommand,
  triton: async () => (await import("./triton.ts")).tritonCommand,
  "demo-model": async () => (await import("./demo-model.ts")).demoModelCommand,
  "pubsub-emulator": async () => (await import("./pubsub-emulator.ts")).pubsubEmulatorCommand,
};

/** The program with the named command, or, for help and mistakes, with all of them. */
export async function createProgram(name: string | undefined): Promise<Command> {
  const program = new Command("briareus")
    .description("Moderates live video: captures in, verdicts out")
    .version("0.1.0")
    .showHelpAfterError("(add --help for what is allowed)")
    .addHelpText("after", exitCodesHelp);
  const wanted = name !== undefined && name in commands ? [name] : Object.keys(commands);
  for (const each of wanted) {
    const load = commands[each];
    if (load) program.addCommand(await load());
  }
  for (const command of [program, ...program.commands, ...program.commands.flatMap((each) => each.commands)]) {
    command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exitCodes.usage));
  }
  return program;
}

const exitCodesHelp = `
Exit codes: 0 done, 1 failed, 2 wrong use or configuration, 3 captures without a verdict in time.
Settings are environment variables; \`briareus config\` lists them.`;
