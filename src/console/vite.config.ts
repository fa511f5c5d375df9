import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

/** `npx vite --config src/console/vite.config.ts` serves the page from its sources and asks this server for the rest. */
const api = process.env.BRIAREUS_REVIEW_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  root: import.meta.dirname,
  plugins: [preact()],
  build: {
    outDir: "dist",
    emptyOutDir: true,
    // Browsers that know light-dark(), so that each colour stands once in tokens.css.
    target: ["chrome125", "edge125", "firefox128", "safari18"],
    // The content security policy allows no inline script and no data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    sourcemap: false,
  },
  server: {
    proxy: Object.fromEntries(
      ["/v1", "/auth", "/ops/queues"].map((path) => [path, { target: api, changeOrigin: false }]),
    ),
  },
});
