import { defineConfig } from "vitest/config";
import { patience } from "./test/patience.ts";

/** `npm run test:browser`: the console in Chromium. One file at a time: a browser, its server and a database are busy enough. */
export default defineConfig({
  test: {
    globalSetup: ["test/postgres/on-demand.ts"],
    include: ["test/browser/**/*.test.ts"],
    testTimeout: 60_000,
    expect: { poll: patience },
    hookTimeout: 120_000,
    fileParallelism: false,
    reporters: ["default", ["json", { outputFile: ".briareus/browser-test-results.json" }]],
  },
});
