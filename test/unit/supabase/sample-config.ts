import type { EmbeddedSupabase } from "../../../scripts/supabase/embedded.ts";
import { parseConfig } from "../../../src/config.ts";
import type { Config } from "../../../src/config.ts";

/** The configuration of a Worker that syncs to the stack. */
export function configFor(stack: EmbeddedSupabase, variables: Readonly<Record<string, string>> = {}): Config {
  return parseConfig({ SUPABASE_URL: stack.url, SUPABASE_SECRET_KEY: stack.secretKey, ...variables });
}
