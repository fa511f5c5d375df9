import { spawn } from "node:child_process";
import { once } from "node:events";
import { Command } from "commander";
import { ModelToolError } from "../models/model-tool-error.ts";
import { ensureEnvironment } from "../models/python/environment.ts";
import { CommandError } from "./exit.ts";

export const modelPythonCommand = new Command("python")
  .description("Run a Python program where conversions run: with the pinned TensorFlow, tf2onnx and ONNX Runtime")
  .argument("<program>", "a .py file")
  .argument("[arguments...]", "what it is given")
  .allowUnknownOption()
  .addHelpText("after", "\nExample:\n  briareus model python examples/make_saved_model.py .briareus/colours")
  .action(async (program: string, args: string[]) => {
    const log = (line: string) => process.stderr.write(`${line}\n`);
    const { python, variables } = await ensureEnvironment("conversion", { log }).catch((error: unknown) => {
      throw error instanceof ModelToolError ? new CommandError(error.message) : error;
    });
    // TensorFlow tells much about itself.
    const env = { TF_CPP_MIN_LOG_LEVEL: "2", ...process.env, ...variables };
    const child = spawn(python, [program, ...args], { env, stdio: "inherit" });
    const [code] = await once(child, "close");
    process.exitCode = code ?? 1;
  });
