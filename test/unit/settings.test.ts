import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError, describeSettings, loadSettings, readVariables } from "../../src/config/settings.ts";
import { type Variable, type VariableName, variables } from "../../src/config/variables.ts";

const names = Object.keys(variables) as VariableName[];

describe("settings", () => {
  test("have defaults that work on one machine", () => {
    expect(loadSettings({})).toMatchObject({
      redisUrl: "redis://127.0.0.1:6379",
      pubsub: { project: "briareus", emulatorHost: undefined, capturesTopic: "captures", verdictsTopic: "verdicts" },
      inference: { address: "127.0.0.1:8001", models: ["nsfw"] },
      ingress: { maxHeld: 4_000, batchSize: 16 },
      fetch: { maxBytes: 20 * 2 ** 20, maxRedirects: 3, allow: [], fileRoot: undefined },
      preprocess: { maxPixels: 50_000_000, thumbnails: { ttlMs: 180_000 } },
      telemetry: { port: undefined, logLevel: "info" },
    });
  });

  test("are read from the environment; empty variables count as not set", () => {
    const settings = loadSettings({
      REDIS_URL: "",
      BRIAREUS_MODELS: "nsfw, violence ,,weapons",
      BRIAREUS_FETCH_ALLOW: "10.0.0.0/8,pictures.internal:8000",
      BRIAREUS_BATCH: "32",
      BRIAREUS_METRICS_PORT: "0",
      BRIAREUS_SAMPLE_SHARE: "0",
      BRIAREUS_THUMBNAILS: "off",
    });
    expect(settings.redisUrl).toBe("redis://127.0.0.1:6379");
    expect(settings.inference.models).toEqual(["nsfw", "violence", "weapons"]);
    expect(settings.fetch.allow).toEqual(["10.0.0.0/8", "pictures.internal:8000"]);
    expect(settings.ingress.batchSize).toBe(32);
    expect(settings.telemetry.port).toBe(0);
    expect(settings.policy.sampleShare).toBe(0);
    expect(settings.preprocess.thumbnails).toBeUndefined();
  });

  test.each([
    ["BRIAREUS_BATCH", "many", 'BRIAREUS_BATCH="many": must be a whole number from 1 to 256'],
    ["BRIAREUS_BATCH", "0", 'BRIAREUS_BATCH="0": must be at least 1'],
    ["BRIAREUS_BATCH", "257", 'BRIAREUS_BATCH="257": must be at most 256'],
    ["BRIAREUS_BATCH", "1.5", 'BRIAREUS_BATCH="1.5": must be a whole number from 1 to 256'],
    ["BRIAREUS_CONCURRENCY", "0", 'BRIAREUS_CONCURRENCY="0": must be at least 1'],
    ["BRIAREUS_CONCURRENCY", "all", 'BRIAREUS_CONCURRENCY="all": must be a whole number from 1 to 1000'],
    ["BRIAREUS_SAMPLE_SHARE", "5", 'BRIAREUS_SAMPLE_SHARE="5": must be at most 1'],
    [
      "BRIAREUS_LOG_LEVEL",
      "loud",
      'BRIAREUS_LOG_LEVEL="loud": must be one of trace, debug, info, warn, error, fatal, silent',
    ],
    [
      "BRIAREUS_MODEL_SERVER",
      "http://triton:8001",
      'BRIAREUS_MODEL_SERVER="http://triton:8001": must be HOST:PORT without a scheme',
    ],
    [
      "BRIAREUS_MODEL_SERVER",
      "triton:70000",
      'BRIAREUS_MODEL_SERVER="triton:70000": must be HOST:PORT without a scheme',
    ],
    ["PUBSUB_EMULATOR_HOST", "8085", 'PUBSUB_EMULATOR_HOST="8085": must be HOST:PORT without a scheme'],
    ["BRIAREUS_MODELS", " , ", 'BRIAREUS_MODELS=" , ": must name at least one model'],
    ["BRIAREUS_BLOBS", "/tmp/blobs", "BRIAREUS_BLOBS=***: must begin with file:// or redis:// or rediss:// or gs://"],
    ["REDIS_URL", "http://:secret@host", "REDIS_URL=***: must begin with redis:// or rediss://"],
  ])("%s=%s is refused, naming variable, value and what is allowed", (name, value, words) => {
    expect(() => loadSettings({ [name]: value })).toThrow(words);
    expect(() => loadSettings({ [name]: value })).toThrow(expect.objectContaining({ code: "config" }));
  });

  test("that are wrong are told all at once, a line each", () => {
    expect(() => readVariables({ BRIAREUS_BATCH: "0", BRIAREUS_MAX_HELD: "0" })).toThrow(
      /^BRIAREUS_MAX_HELD=.*\nBRIAREUS_BATCH=.*$/,
    );
  });

  test("of any text at all are read, or refused with the name of the variable", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.oneof(fc.string(), fc.integer().map(String), fc.webUrl()),
        (name, text) => {
          try {
            readVariables({ [name]: text });
          } catch (error) {
            expect(error).toBeInstanceOf(ConfigError);
            expect(String(error)).toContain(`${name}=`);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("the list of settings", () => {
  test("tells each variable's value and where it comes from", () => {
    const rows = describeSettings({ BRIAREUS_BATCH: "32" });
    expect(rows.map(({ name }) => name)).toEqual(names);
    expect(rows.find(({ name }) => name === "BRIAREUS_BATCH")).toMatchObject({ value: "32", source: "environment" });
    expect(rows.find(({ name }) => name === "BRIAREUS_MAX_HELD")).toMatchObject({ value: "4000", source: "default" });
  });

  test.each([
    ["redis://:s3cret@redis:6379/1", "redis://:***@redis:6379/1"],
    ["rediss://user:s3cret@redis:6379", "rediss://user:***@redis:6379"],
    ["redis://user:p@ss:w/rd@redis:6379", "redis://user:***@redis:6379"],
    ["redis://redis:6379?password=s3cret&db=1", "redis://redis:6379?password=***&db=1"],
    ["redis://redis:6379", "redis://redis:6379"],
  ])("masks the password of %s", (url, masked) => {
    expect(describeSettings({ REDIS_URL: url }).find(({ name }) => name === "REDIS_URL")?.value).toBe(masked);
  });

  test("never shows a password, whatever it is made of", () => {
    const password = fc.string({ minLength: 1 }).map((text) => `<${text}>`);
    fc.assert(
      fc.property(password, (secret) => {
        for (const url of [`redis://user:${secret}@redis:6379`, `redis://:${encodeURIComponent(secret)}@redis:6379`]) {
          const shown = describeSettings({ REDIS_URL: url }).find(({ name }) => name === "REDIS_URL")?.value;
          expect(shown).toMatch(/^redis:\/\/(user)?:\*\*\*@redis:6379$/);
        }
      }),
    );
  });

  test("describes every variable, and every default is allowed", () => {
    for (const [name, variable] of Object.entries<Variable<unknown>>(variables)) {
      expect(variable.description, name).toMatch(/^\S.*[^.]$/);
      expect(variable.schema.safeParse(variable.fallback).success, name).toBe(true);
    }
  });
});
