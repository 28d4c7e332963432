import { defineConfig } from "vitest/config";
import { COMPILE_CACHE, MAX_WORKERS, POLLS } from "../side-by-side.ts";

/** Tests in Node. The files of a worker share its modules, so a file that replaces a module puts it back. */
export default defineConfig({
  cacheDir: "../../node_modules/.vite",
  test: {
    name: "unit",
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    isolate: false,
    maxWorkers: MAX_WORKERS,
    env: COMPILE_CACHE,
    expect: POLLS,
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
});
