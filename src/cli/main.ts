import { enableCompileCache } from "node:module";
import { report } from "./exit.ts";
import { createProgram } from "./program.ts";

enableCompileCache();

try {
  await (await createProgram(process.argv[2])).parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
