import type { D1Migration } from "@cloudflare/vitest-plugin";
import type { Env } from "../../workers/env.ts";

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof import("../../workers/index.ts");
    }
    interface Env extends WorkerEnv {
      readonly TEST_MIGRATIONS: D1Migration[];
      readonly VENUE_CONTROL_URL: string;
      readonly VENUE_MAKER_URL: string;
    }
  }
}

type WorkerEnv = Env;
