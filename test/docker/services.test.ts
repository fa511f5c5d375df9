import { Redis } from "ioredis";
import { GenericContainer, Wait } from "testcontainers";
import { expect, test } from "vitest";
import { askDatabase } from "../../src/cli/diagnose-database.ts";
import { startRedis } from "../services.ts";
import { docker } from "./docker.ts";

test("with a Docker engine the tests' Redis is a container, and can be killed and started again empty", async () => {
  await using service = await startRedis();
  expect(await docker(["ps", "--filter", `publish=${service.port}`, "--format", "{{.Image}}"])).toContain("redis:8");
  const client = new Redis(service.url, { maxRetriesPerRequest: null });
  client.on("error", () => undefined);
  await client.set("kept", "no");
  await service.kill();
  await service.restart();
  expect(await client.get("kept")).toBeNull();
  client.disconnect();
});

test("a Postgres in a container serves as the database", async () => {
  await using container = await new GenericContainer("postgres:18-alpine")
    .withEnvironment({ POSTGRES_USER: "briareus", POSTGRES_PASSWORD: "s3cret" })
    .withExposedPorts(5432)
    // Once by the server that makes the cluster, once by the one that stays.
    .withWaitStrategy(Wait.forLogMessage("ready to accept connections", 2))
    .start();
  const url = `postgres://briareus:s3cret@${container.getHost()}:${container.getMappedPort(5432)}/briareus`;
  expect(await askDatabase(url)).toMatch(
    /^Postgres 18\S*, briareus may create tables; review makes its own when it first starts$/,
  );
});
