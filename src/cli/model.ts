import { Command } from "commander";

/** What people do with models. Each file is loaded only when its command is named, or for help. */
const commands: Record<string, () => Promise<Command>> = {
  bench: async () => (await import("./model-bench.ts")).modelBenchCommand,
  build: async () => (await import("./model-build.ts")).modelBuildCommand,
  compare: async () => (await import("./model-compare.ts")).modelCompareCommand,
  convert: async () => (await import("./model-convert.ts")).modelConvertCommand,
  deploy: async () => (await import("./model-deploy.ts")).modelDeployCommand,
  fetch: async () => (await import("./model-fetch.ts")).modelFetchCommand,
  push: async () => (await import("./model-push.ts")).modelPushCommand,
  python: async () => (await import("./model-python.ts")).modelPythonCommand,
  servers: async () => (await import("./model-servers.ts")).modelServersCommand,
};

/** @param name the sub-command that is asked for; all of them are there when it is none of these */
export async function createModelCommand(name: string | undefined): Promise<Command> {
  const model = new Command("model").description("Build, convert, compare, measure and deploy models");
  const wanted = name !== undefined && name in commands ? [name] : Object.keys(commands);
  for (const each of wanted) {
    const load = commands[each];
    if (load) model.addCommand(await load());
  }
  return model.addHelpText("after", "\nExample:\n  briareus model convert --help");
}
