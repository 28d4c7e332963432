import { cloudflareTest, readD1Migrations } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { MAX_WORKERS } from "../side-by-side.ts";
import { makeVenues } from "./make-venues.ts";
import { STREAM_STAND_IN } from "./sinks/stream-stand-in.ts";

interface ServerVariables extends Readonly<Record<string, string>> {
  readonly VENUE_MAKER_URL: string;
}

const root = new URL("../..", import.meta.url).pathname;

/**
 * Tests inside workerd, with real D1, R2 and Durable Objects; the venues are servers outside it, a set for each runtime. The
 * files of a worker share its runtime and their modules, and each begins with empty storage.
 */
export default defineConfig({
  cacheDir: "../../node_modules/.vite",
  plugins: [
    cloudflareTest(async ({ inject }) => {
      const servers = inject<ServerVariables>("serverVariables");
      const venues = await makeVenues(servers.VENUE_MAKER_URL);
      return {
        wrangler: { configPath: `${root}wrangler.toml` },
        miniflare: {
          bindings: {
            TEST_MIGRATIONS: await readD1Migrations(`${root}migrations`),
            ...servers,
            ...venues.variables,
            VENUE_CONTROL_URL: venues.control,
          },
          serviceBindings: { TEST_STREAM: "stream-stand-in" },
          pipelines: { LOCAL_STREAM: { stream: "local" } },
          workers: [{ name: "stream-stand-in", modules: true, script: STREAM_STAND_IN, compatibilityDate: "2026-11-01" }],
        },
      };
    }),
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
