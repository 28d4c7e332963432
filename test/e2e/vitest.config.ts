import { defineConfig } from "vitest/config";
import { COMPILE_CACHE, MAX_WORKERS, POLLS } from "../side-by-side.ts";

/** The built Worker in processes of its own, with real sockets. The files come first, as they wait more than they work. */
export default defineConfig({
  cacheDir: "../../node_modules/.vite",
  test: {
    name: "e2e",
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    globalSetup: ["./global-setup.ts"],
    isolate: false,
    maxWorkers: MAX_WORKERS,
    env: COMPILE_CACHE,
    expect: POLLS,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
