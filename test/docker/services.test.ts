import { Redis } from "ioredis";
import { expect, test } from "vitest";
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
