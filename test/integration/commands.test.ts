/** The program as people and supervisors meet it: arguments in, text and exit codes out. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { variables } from "../../src/config/variables.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "briareus-commands-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command in an environment without settings; no system that runs on this machine is found. */
function start(args: string[], env: Record<string, string> = {}) {
  return spawn(resolve("bin/briareus"), args, {
    env: { PATH: process.env.PATH, BRIAREUS_DATA: folder, METADATA_SERVER_DETECTION: "none", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function briareus(args: string[], env?: Record<string, string>) {
  const child = start(args, env);
  const [[code], output, errors] = await Promise.all([once(child, "exit"), text(child.stdout), text(child.stderr)]);
  return { code, output, errors };
}

describe("asked for help", () => {
  test("the program lists its commands and the exit codes, and ends with 0", async () => {
    const { code, output } = await briareus(["--help"]);
    expect(code).toBe(0);
    for (const command of (await createProgram(undefined)).commands)
      expect(output).toMatch(new RegExp(`^ {2}${command.name()}\\b`, "m"));
    expect(output).toContain("0 done, 1 failed, 2 wrong use or configuration, 3 captures without a verdict in time");
  });

  test("every command shows an example of itself and what each of its options means", async () => {
    const { commands } = await createProgram(undefined);
    for (const command of [...commands, ...commands.flatMap((each) => each.commands)]) {
      const path = [command.parent?.name(), command.name()].join(" ");
      let help = "";
      const writeOut = (words: string) => {
        help += words;
      };
      command.configureOutput({ writeOut }).outputHelp();
      expect(help, `help of ${path}`).toMatch(new RegExp(`^ .*\\b${path}\\b`, "m"));
      for (const option of command.options) expect(option.description, option.flags).not.toBe("");
    }
  });
});

describe("wrong use ends with 2 and says what is wrong:", () => {
  test.each([
    ["an unknown command", ["levitate"], /unknown command 'levitate'/],
    ["an unknown option", ["up", "--sterams", "3"], /unknown option '--sterams'[\s\S]*Did you mean --streams/],
    ["a value that is not allowed", ["up", "--for", "30"], /'30' is invalid.*500ms, 30s, 5m or 1h/],
    [
      "a stage that there is not",
      ["worker", "postfetch"],
      /'postfetch' is invalid.*fetch, preprocess, infer, postprocess/,
    ],
    ["a missing argument", ["worker"], /missing required argument 'stage'/],
  ])("%s", async (_, args, words) => {
    const { code, output, errors } = await briareus(args);
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(errors).toMatch(words);
  });

  test("environment variables, all of them at once", async () => {
    const { code, errors } = await briareus(["config"], { BRIAREUS_BATCH: "many", REDIS_URL: "http://u:secret@h" });
    expect(code).toBe(2);
    expect(errors).toBe(
      "briareus: REDIS_URL=***: must begin with redis:// or rediss://\n" +
        'BRIAREUS_BATCH="many": must be a whole number from 1 to 256\n',
    );
  });

  test("an invalid policy, by line and field", async () => {
    const policy = join(folder, "policy.yaml");
    writeFileSync(policy, "version: p-1\ncategories:\n  gore: { severity: awful, labels: [] }\n");
    const { code, errors } = await briareus(["worker", "postprocess"], { BRIAREUS_POLICY: policy });
    expect(code).toBe(2);
    expect(errors).toContain(`${policy}:3: categories.gore.severity: `);
  });
});

test.each(["ingress", "worker fetch"])(
  "%s ends when it is asked to, though it still waits for its Redis",
  async (role) => {
    const child = start(role.split(" "), { REDIS_URL: "redis://127.0.0.1:1", BRIAREUS_DRAIN_MS: "0" });
    const exit = once(child, "exit");
    for await (const line of child.stderr) if (String(line).includes("redis is away")) break;
    child.kill("SIGTERM");
    expect(await exit).toEqual([0, null]);
  },
);

describe("the settings", () => {
  test("are printed with values and sources, passwords masked", async () => {
    const { code, output } = await briareus(["config", "--json"], {
      BRIAREUS_BATCH: "32",
      REDIS_URL: "redis://:s3cret@redis:6379",
    });
    expect(code).toBe(0);
    const rows: { name: string; value: string; source: string }[] = JSON.parse(output);
    expect(rows.map(({ name }) => name)).toEqual(Object.keys(variables));
    expect(rows).toContainEqual(
      expect.objectContaining({ name: "BRIAREUS_BATCH", value: "32", source: "environment" }),
    );
    expect(output).not.toContain("s3cret");
  });
});

describe("the doctor", () => {
  test("ends with 1 and says what to do where nothing runs", async () => {
    const closed = "127.0.0.1:1"; // Nobody listens on port 1.
    const { code, output } = await briareus(["doctor"], {
      REDIS_URL: `redis://${closed}`,
      DATABASE_URL: `postgres://${closed}/briareus`,
      PUBSUB_EMULATOR_HOST: closed,
      BRIAREUS_MODEL_SERVER: closed,
      BRIAREUS_BLOBS: `file://${folder}/blobs`,
      BRIAREUS_EVIDENCE: `file://${folder}/evidence`,
    });
    expect(code).toBe(1);
    expect(output).toMatch(/^FAIL {2}Redis: .*ECONNREFUSED.*\n +start it, or set REDIS_URL$/m);
    expect(output).toMatch(/^FAIL {2}database: .*ECONNREFUSED.*\n +start it, or set DATABASE_URL/m);
    expect(output).toMatch(/^FAIL {2}topic captures: /m);
    expect(output).toMatch(/^FAIL {2}model nsfw: /m);
    expect(output).toMatch(/^ok {4}policy: version nsfw-1$/m);
    expect(output).toMatch(/^ok {4}blob store: /m);
  });

  test("says so where there are no credentials for Google's Pub/Sub", async () => {
    const { code, output, errors } = await briareus(["doctor"], {
      REDIS_URL: "redis://127.0.0.1:1",
      BRIAREUS_MODEL_SERVER: "127.0.0.1:1",
      HOME: folder,
    });
    expect({ code, errors }).toEqual({ code: 1, errors: "" });
    expect(output).toMatch(/^FAIL {2}topic verdicts: .*credentials/m);
  });
});
