import { defineConfig } from "vitest/config";

/** Real Worker, real sockets, one at a time: each file starts its own `wrangler dev`. */
export default defineConfig({
  cacheDir: "../../node_modules/.vite",
  test: {
    name: "e2e",
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
