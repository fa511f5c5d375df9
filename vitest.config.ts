import { defineConfig } from "vitest/config";
import { patience } from "./test/patience.ts";

/** `npm test`: everything that needs no browser, no Docker, no Python and no Kubernetes. */
export default defineConfig({
  test: {
    globalSetup: ["test/postgres/on-demand.ts"],
    setupFiles: ["test/property-seed.ts"],
    include: ["test/**/*.test.ts"],
    exclude: ["test/bench/**", "test/browser/**", "test/docker/**", "test/kube/**", "test/models/**"],
    testTimeout: 60_000,
    expect: { poll: patience },
    hookTimeout: 120_000,
    environment: "node",
    maxWorkers: 2,
  },
});
