import { defineConfig } from "vitest/config";
import { patience } from "./test/patience.ts";

/** `npm run test:kube`: the chart, the scaler and the controller on a Kubernetes cluster that KUBECONFIG names. */
export default defineConfig({
  test: {
    globalSetup: ["test/postgres/on-demand.ts"],
    include: ["test/kube/**/*.test.ts"],
    testTimeout: 180_000,
    expect: { poll: patience },
    hookTimeout: 180_000,
    fileParallelism: false,
    // Or Google's client looks for a metadata server.
    env: { METADATA_SERVER_DETECTION: "none" },
    reporters: ["verbose", ["json", { outputFile: ".briareus/kube-test-results.json" }]],
  },
});
