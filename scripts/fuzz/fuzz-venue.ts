import { createHash } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Exchange } from "../../src/exchanges/exchange.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { createRandom, type Random } from "../simulator/random.ts";
import { mutated } from "./mutate.ts";
import { originalFrame } from "./original-frames.ts";
import { HISTORIES, TABLES } from "./rest-bodies.ts";
import { type Counts, type Finding, FuzzSession, type Input } from "./session.ts";
import { shrink } from "./shrink.ts";

const SESSION_FRAMES = 5_000;
const TABLE_SHARE = 0.01;
const HISTORY_SHARE = 0.01;
/** The largest frame costs a tenth of it. Slower ones are timed again alone, since a busy machine takes its time. */
const MAX_FRAME_MS = 250;
const TIMINGS = 3;
/** A session may keep this much at its end: the last book of each instrument can be a frame of 1 MB. */
const MAX_SESSION_BYTES = 48 * 2 ** 20;

export interface VenueReport {
  readonly exchange: ExchangeName;
  readonly frames: number;
  readonly counts: Counts;
  /** Sum of the texts' lengths. */
  readonly characters: number;
  readonly slowestMs: number;
  /** The most that a session kept at its end. */
  readonly keptBytes: number;
  /** Of all texts: the same in each run with the same seed. */
  readonly digest: string;
  readonly failure: { readonly finding: Finding; readonly inputs: readonly Input[]; readonly frame: number } | null;
}

/** Sends mutated frames through an adapter, one session after another, until one is found that must not be. */
export async function fuzzVenue(exchange: Exchange, frames: number, seed: number): Promise<VenueReport> {
  const counts: Counts = new Map();
  const digest = createHash("sha256");
  let [characters, slowestMs, keptBytes] = [0, 0, 0];
  const report = (sent: number, failure: VenueReport["failure"]): VenueReport => {
    return {
      exchange: exchange.name,
      frames: sent,
      counts,
      characters,
      slowestMs,
      keptBytes,
      digest: digest.digest("hex").slice(0, 12),
      failure,
    };
  };
  for (let start = 0; start < frames; start += SESSION_FRAMES) {
    const random = createRandom(seed, `fuzz ${exchange.name} ${start}`);
    const before = heapUsed();
    const session = new FuzzSession(exchange);
    const inputs: Input[] = [];
    const length = Math.min(SESSION_FRAMES, frames - start);
    for (let index = 0; index < length; index += 1) {
      const input = inputOf(exchange.name, index, random);
      inputs.push(input);
      characters += input.text.length;
      digest.update(input.text).update("\n");
      const started = processorMs();
      const found = await session.take(input);
      const tookMs = processorMs() - started;
      slowestMs = Math.max(slowestMs, tookMs);
      const finding = found ?? (tookMs > MAX_FRAME_MS ? await slowness(exchange, input) : null);
      if (finding === null) continue;
      addCounts(counts, session.counts);
      return report(start + index + 1, { finding, inputs: await shrink(exchange, inputs, finding), frame: start + index });
    }
    addCounts(counts, session.counts);
    inputs.length = 0;
    const kept = heapUsed() - before;
    keptBytes = Math.max(keptBytes, kept);
    // Used here, so that it is alive while the heap is measured.
    if (kept > MAX_SESSION_BYTES && session.counts.size > 0) {
      const what = `a session of ${length} frames keeps ${(kept / 2 ** 20).toFixed(0)} MiB`;
      return report(start + length, { finding: { kind: "memory", what }, inputs: [], frame: start + length - 1 });
    }
  }
  return report(frames, null);
}

function inputOf(exchange: ExchangeName, index: number, random: Random): Input {
  const { frame, receivedTime } = originalFrame(exchange, index, random);
  const other = originalFrame(exchange, index, random).frame;
  const history = HISTORIES[exchange];
  if (random.chance(TABLE_SHARE)) return { source: "table", text: mutated(TABLES[exchange], other, receivedTime, random), receivedTime };
  if (history !== undefined && random.chance(HISTORY_SHARE)) {
    return { source: "history", text: mutated(history, other, receivedTime, random), receivedTime };
  }
  return { source: "socket", text: mutated(frame, other, receivedTime, random), receivedTime };
}

/** The finding of a frame that is slow each time it is sent alone, or null. */
async function slowness(exchange: Exchange, input: Input): Promise<Finding | null> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let timing = 0; timing < TIMINGS; timing += 1) {
    const session = new FuzzSession(exchange);
    const started = processorMs();
    await session.take(input);
    fastest = Math.min(fastest, processorMs() - started);
  }
  if (fastest <= MAX_FRAME_MS) return null;
  return { kind: "slow", what: `a frame of ${input.text.length} characters takes ${fastest.toFixed(0)} ms` };
}

/** Processor time of this thread, ms: that by the clock depends on what else the machine does. */
function processorMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function addCounts(sum: Counts, counts: Counts): void {
  for (const [kind, count] of counts) sum.set(kind, (sum.get(kind) ?? 0) + count);
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
