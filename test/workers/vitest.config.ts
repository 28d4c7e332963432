import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { MAX_WORKERS } from "../side-by-side.ts";
import { STREAM_STAND_IN } from "./sinks/stream-stand-in.ts";

const root = new URL("../..", import.meta.url).pathname;

/**
 * Tests inside workerd, with real D1, R2 and Durable Objects; the venues are servers started by the global setup. The
 * files of a worker share its runtime and their modules, and each begins with empty storage.
 */
export default defineConfig({
  cacheDir: "../../node_modules/.vite",
  plugins: [
    cloudflareTest(async ({ inject }) => ({
      wrangler: { configPath: `${root}wrangler.toml` },
      miniflare: {
        bindings: {
          TEST_MIGRATIONS: await readD1Migrations(`${root}migrations`),
          ...inject<Record<string, string>>("venueVariables"),
        },
        serviceBindings: { TEST_STREAM: "stream-stand-in" },
        pipelines: { LOCAL_STREAM: { stream: "local" } },
        workers: [{ name: "stream-stand-in", modules: true, script: STREAM_STAND_IN, compatibilityDate: "2026-11-01" }],
      },
    })),
  ],
  test: {
    name: "workers",
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    setupFiles: ["./setup.ts"],
    isolate: false,
    maxWorkers: MAX_WORKERS,
    globalSetup: ["./global-setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
