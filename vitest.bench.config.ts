import { defineConfig } from "vitest/config";

/** `npm run test:bench`: every benchmark once, small, to see that it runs. */
export default defineConfig({
  test: {
    include: ["test/bench/**/*.test.ts"],
    testTimeout: 10 * 60_000,
    fileParallelism: false,
    reporters: ["verbose", ["json", { outputFile: ".briareus/bench-test-results.json" }]],
  },
});
