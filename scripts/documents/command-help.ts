import { resolve } from "node:path";

/** What each command prints when it is asked for help. */
export async function commandHelp(): Promise<string> {
  delete process.env.BRIAREUS_DATA; // Defaults that name the data folder shall be everybody's.
  const { createProgram } = await import("../../src/cli/program.ts");
  const program = await createProgram(undefined);
  const root = resolve(import.meta.dirname, "../..");
  const all = program.commands.flatMap((command) => [command, ...command.commands]);
  const parts = all.map((command) => {
    let text = "";
    command
      .configureHelp({ helpWidth: 100 })
      .configureOutput({
        writeOut: (words) => {
          text += words;
        },
        getOutHelpWidth: () => 100,
        getOutHasColors: () => false,
      })
      .outputHelp();
    const help = text.replaceAll(`${root}/`, "").trim();
    const path = command.parent === program ? "briareus" : `briareus ${command.parent?.name()}`;
    return `## ${path} ${command.name()}\n\n\`\`\`text\n${help}\n\`\`\``;
  });
  return parts.join("\n\n");
}
