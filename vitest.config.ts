import { defineConfig } from "vitest/config";

const browser = "test/browser/**/*.test.ts";

export default defineConfig({
  test: {
    globalSetup: ["test/postgres/on-demand.ts"],
    setupFiles: ["test/property-seed.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    environment: "node",
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["test/**/*.test.ts"],
          exclude: ["test/docker/**", "test/models/**", browser],
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      // After the others and by itself: a browser, its server and a database are busy enough for a small machine.
      { extends: true, test: { name: "browser", include: [browser], maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
