/**
 * `npm run bench:peers [-- SYSTEM…] [--setting S] [--quick]`: the same captures through the monolith, LitServe, mosec
 * and briareus. docs/benchmarks.md says what is measured and why so.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { ensureDemoModel } from "../../src/model-server/demo-model/ensure-demo-model.ts";
import type { LimitSearch } from "./find-limit.ts";
import { startPictureHost } from "./load/load-generator.ts";
import { pinTo } from "./machine.ts";
import { measureSystem, type Plan, type SystemResult } from "./measure-system.ts";
import { printSetting } from "./report.ts";
import { gpuOf, type Setting, settings } from "./setting.ts";
import { type SystemName, systemNames } from "./systems/start-system.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    setting: { type: "string" },
    cores: { type: "string", default: "0,1" },
    repeats: { type: "string" },
    tries: { type: "string" },
    help: { type: "boolean", default: false },
  },
});
const isSystem = (name: string): name is SystemName => systemNames.some((each) => each === name);
const chosen = positionals.filter(isSystem);
const chosenSettings = settings.filter((setting) => (values.setting ?? setting) === setting);
if (values.help || chosen.length < positionals.length || chosenSettings.length === 0) {
  console.log(`usage: npm run bench:peers [-- SYSTEM…] [--setting ${settings.join("|")}] [--cores 0,1] [--repeats 3] [--tries 3] [--quick]
systems: ${systemNames.join(", ")}`);
  process.exit(values.help ? 0 : 2);
}

const plan: Plan & { repeats: number; search: LimitSearch } = values.quick
  ? {
      repeats: 1,
      search: { from: 30, growth: 4, refinements: 0 },
      ...{ warmUpSeconds: 1, searchSeconds: 1.5, loadSeconds: 1.5, giveUpMs: 5_000, quietWithinMs: 0, tries: 1 },
    }
  : {
      repeats: 3,
      search: { from: 40, growth: 1.4, refinements: 3 },
      ...{ warmUpSeconds: 3, searchSeconds: 8, loadSeconds: 15, giveUpMs: 15_000, quietWithinMs: 10_000, tries: 3 },
    };
const repeats = Number(values.repeats ?? plan.repeats);
const tries = Number(values.tries ?? plan.tries);
const systems = chosen.length > 0 ? chosen : systemNames;

// All systems, and the load generator and the image host beside them.
const cores = pinTo(values.cores);

await ensureDemoModel(".briareus/models");
const model = resolve(".briareus/models/nsfw/1/model.onnx");
const pictures = await startPictureHost();
const loadBefore = loadavg()[0];
const results: SystemResult[] = [];
for (let repeat = 1; repeat <= repeats; repeat++)
  for (const setting of chosenSettings)
    for (const system of repeat % 2 === 1 ? systems : systems.toReversed())
      results.push(await measure(system, setting, repeat));
await pictures.stop();

for (const setting of chosenSettings) printSetting(setting, results, { goals: !values.quick });
if (values.quick) console.log("--quick only shows that everything runs: loads this short say nothing of limits");
mkdirSync("bench/results", { recursive: true });
const at = new Date().toISOString();
const file = `bench/results/peers-${at.replaceAll(":", "-")}.json`;
const gpus = Object.fromEntries(chosenSettings.map((setting) => [setting, gpuOf(setting)]));
const machine = { cores: values.cores, processor: cpus()[0]?.model, node: process.version, loadBefore };
writeFileSync(file, JSON.stringify({ at, quick: values.quick, machine, gpus, plan, results }, null, 2));
console.log(`written to ${file}`);
process.exit(0);

async function measure(system: SystemName, setting: Setting, repeat: number): Promise<SystemResult> {
  const earlier = (name: SystemName) => results.find((each) => each.system === name && each.setting === setting)?.limit;
  // A later repeat need not begin at the bottom.
  const from = (earlier(system) ?? 0) * 0.7 || plan.search.from;
  return await measureSystem(system, {
    setting,
    repeat,
    model,
    plan: { ...plan, tries },
    search: { ...plan.search, from },
    surroundings: { pictures, pinnedTo: cores },
    monolithLimit: earlier("monolith"),
    progress: (line) => console.log(`${repeat}/${repeats} ${line}`),
  });
}
