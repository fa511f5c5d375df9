import { defineConfig } from "vitest/config";
import { patience } from "./test/patience.ts";

/** `npm run test:models`: what needs Python, a real Triton or TensorFlow, which `npm test` does without. */
export default defineConfig({
  test: {
    include: ["test/models/**/*.test.ts"],
    testTimeout: 120_000,
    expect: { poll: patience },
    // The first run makes Python environments: some hundred megabytes to download.
    hookTimeout: 20 * 60_000,
    fileParallelism: false,
    reporters: ["verbose", ["json", { outputFile: ".briareus/models-test-results.json" }]],
  },
});
