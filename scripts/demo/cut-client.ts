import { setTimeout as sleep } from "node:timers/promises";
import { LiquidationsClient } from "../../clients/typescript/src/index.ts";
import type { Check } from "./check.ts";
import { startCutProxy } from "./cut-proxy.ts";

const CUTS = 20;
/** A beat comes every 10 s. */
const BEAT_PATIENCE_MS = 30_000;

/** A client of the live stream whose connection is cut again and again, and what it has received. */
export interface CutClient {
  /** Ends its connection 20 times within a time, ms, without a word, as a network does; the first time soon. */
  cutDuring(ms: number): void;
  /** Waits until the stream says that it has brought everything up to a time, ms, and ends. */
  finish(time: number): Promise<void>;
  /** Compares what came with the ids that it should have. */
  checks(expected: readonly string[]): readonly Check[];
}

export async function startCutClient(workerUrl: string): Promise<CutClient> {
  const proxy = await startCutProxy(workerUrl);
  const end = new AbortController();
  const counts = new Map<string, number>();
  let [gaps, cuts, through] = [0, 0, 0];
  let timer: ReturnType<typeof setInterval> | undefined;
  const waiting: { readonly time: number; readonly done: () => void }[] = [];
  const arrived = (time: number) => new Promise<void>((done) => waiting.push({ time, done }));
  const stream = new LiquidationsClient({ url: proxy.url }).stream({ channels: "liquidation", include: "inferred", signal: end.signal });
  const following = (async () => {
    for await (const frame of stream) {
      if (frame.type === "liquidation") counts.set(frame.data.event_id, (counts.get(frame.data.event_id) ?? 0) + 1);
      if (frame.type === "gap" || frame.type === "skipped") gaps += 1;
      if (frame.type !== "beat") continue;
      through = Math.max(through, frame.through ?? 0);
      for (const { time, done } of waiting) if (through >= time) done();
    }
  })();
  return {
    cutDuring(ms) {
      timer = setInterval(
        () => {
          cuts += 1;
          proxy.cut();
          if (cuts === CUTS) clearInterval(timer);
        },
        ms / (CUTS + 1),
      );
    },
    async finish(time) {
      clearInterval(timer);
      await Promise.race([arrived(time), sleep(BEAT_PATIENCE_MS)]);
      end.abort();
      await following.catch(() => undefined);
      proxy.stop();
    },
    checks(expected) {
      const missing = expected.filter((id) => !counts.has(id)).length;
      const known = new Set(expected);
      const surplus = [...counts.keys()].filter((id) => !known.has(id)).length;
      const repeated = [...counts.values()].filter((count) => count > 1).length;
      return [
        { what: "connections cut", expected: String(CUTS), found: String(cuts), tolerance: "", agrees: cuts > 0 },
        exact("liquidations received", String(expected.length), String(counts.size)),
        exact("of them missing, unknown, repeated", "0, 0, 0", [missing, surplus, repeated].join(", ")),
        exact("gaps that the stream named", "0", String(gaps)),
      ];
    },
  };
}

function exact(what: string, expected: string, found: string): Check {
  return { what, expected, found, tolerance: "exact", agrees: expected === found };
}
