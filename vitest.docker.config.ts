import { defineConfig } from "vitest/config";
import { patience } from "./test/patience.ts";

/** `npm run test:docker`: the image and the compose file. Apart from `npm test`, for it needs a Docker engine. */
export default defineConfig({
  test: {
    include: ["test/docker/**/*.test.ts"],
    testTimeout: 180_000,
    expect: { poll: patience },
    hookTimeout: 20 * 60_000,
    fileParallelism: false,
    // Or Google's client looks for a metadata server.
    env: { METADATA_SERVER_DETECTION: "none" },
    reporters: ["verbose", ["json", { outputFile: ".briareus/docker-test-results.json" }]],
  },
});
