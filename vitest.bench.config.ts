import { defineConfig } from "vitest/config";
import { patience } from "./test/patience.ts";

/** `npm run test:bench`: every benchmark once, small, to see that it runs. */
export default defineConfig({
  test: {
    include: ["test/bench/**/*.test.ts"],
    testTimeout: 10 * 60_000,
    expect: { poll: patience },
    fileParallelism: false,
    reporters: ["verbose", ["json", { outputFile: ".briareus/bench-test-results.json" }]],
  },
});
