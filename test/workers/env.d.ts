import type { D1Migration } from "@cloudflare/vitest-plugin";
import type { Pipeline } from "cloudflare:pipelines";
import type { StreamRecord } from "../../src/pipeline/stream-record.ts";
import type * as worker from "../../workers/index.ts";
import type { Env } from "../../workers/env.ts";
import type { StreamStandIn } from "./sinks/stream-stand-in.ts";

declare global {
  namespace Cloudflare {
    interface GlobalProps {
      mainModule: typeof worker;
    }
    interface Env extends WorkerEnv {
      readonly TEST_MIGRATIONS: D1Migration[];
      readonly VENUE_CONTROL_URL: string;
      readonly VENUE_MAKER_URL: string;
      readonly CHAT_SERVER_URL: string;
      readonly SUPABASE_MAKER_URL: string;
      readonly PROBED_VENUES_URL: string;
      readonly TEST_STREAM: StreamStandIn;
      readonly LOCAL_STREAM: Pipeline<StreamRecord>;
    }
  }
}

type WorkerEnv = Env;
