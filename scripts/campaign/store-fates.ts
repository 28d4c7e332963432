import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { EmbeddedSupabase } from "../supabase/embedded.ts";
import type { Fate, StoreName } from "./fault.ts";

/** Decides how calls to the stores fare. */
export interface StoreFates {
  /** Where the Worker asks how its next call to D1 or R2 fares. */
  readonly url: string;
  set(store: StoreName, fate: Fate | null): Promise<void>;
  stop(): void;
}

const SLOW_MS = 8_000;

export async function startStoreFates(supabase: EmbeddedSupabase): Promise<StoreFates> {
  const fates = new Map<string, Fate>();
  const server = createServer((request, response) => {
    const fate = fates.get((request.url ?? "").slice(1));
    response.writeHead(204, fate === undefined ? {} : { "x-fate": fate }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async set(store, fate) {
      if (store === "supabase") await setSupabase(supabase, fate);
      else if (fate === null) fates.delete(store);
      else fates.set(store, fate);
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function setSupabase(supabase: EmbeddedSupabase, fate: Fate | null): Promise<void> {
  if (fate === "refused") await supabase.pause();
  else await supabase.resume();
  supabase.fail(fate === "lost" ? { kind: "lose-answer" } : fate === "slow" ? { kind: "delay", ms: SLOW_MS } : null);
}
