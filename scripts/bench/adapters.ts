import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { normalizeLiquidations } from "tardis-dev";
import { exchanges } from "../../src/exchanges/registry.ts";
import { inRunsOf } from "../../src/exchanges/decoding/scope.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { table } from "../table.ts";
import { type FrameMix, frameMixes } from "./adapter-frames.ts";
import { START } from "./venue-frames.ts";

const CAPTURES = join(import.meta.dirname, "../../../shared/captures");
const ROUNDS = 400;
const WARM_UP_ROUNDS = 200;
/** A turn of about a millisecond: long beside the clock's resolution, short beside what a busy machine gives a process at once. */
const FRAMES_PER_TURN = 200;
/** What each adapter may cost on top of bare parsing. */
const ALLOWED_RATIO = 1.3;

/** After the time of every frame: what lies ahead of the clock would be refused. */
const RECEIVED_TIME = START + 60_000;

/** Reads all frames once; gives a number so that no work can be left out. */
type Contender = (frames: readonly string[]) => number;

/**
 * What the adapters cost beside bare `JSON.parse` of the same frames and beside tardis-dev's mappers, in one process
 * and in turns, so that the ratios hold where the nanoseconds do not. tardis reads liquidations alone and gives its own
 * record; ours reads the market frames of the mix as well.
 */
export async function benchAdapters(print: (line: string) => void): Promise<void> {
  const mixes = [...frameMixes(), ...capturedMixes()];
  const rows = mixes.map((mix) => row(mix, measure(mix)));
  print(`Adapters: ns per frame, median of ${ROUNDS} rounds in turns; ratios are medians of each round's own`);
  print(table(["venue", "frames", "bytes", "JSON.parse", "ours", "ours ÷ parse", "tardis-dev", "tardis ÷ parse"], rows));
  print(`tardis-dev: parsing and its liquidations mapper, no market frames. Aim: ours ÷ parse at most ${ALLOWED_RATIO}`);
  print("captures: one frame of each kind, control frames and those of channels we never open included, so no live proportions");
}

interface Measured {
  readonly parse: readonly number[];
  readonly ours: readonly number[];
  readonly tardis: readonly number[] | null;
}

function measure(mix: FrameMix): Measured {
  const contenders = [parseOnly, ours(mix), tardis(mix)].filter((contender) => contender !== null);
  const windows = windowsOf(mix.frames);
  const times: number[][] = contenders.map(() => []);
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    const frames = windows[round % windows.length] ?? [];
    for (let turn = 0; turn < contenders.length; turn += 1) {
      // A different one goes first each round, so that none always runs after another's garbage.
      const place = (turn + round) % contenders.length;
      const took = timed(contenders[place] ?? parseOnly, frames);
      if (round >= WARM_UP_ROUNDS) times[place]?.push(took);
    }
  }
  const [parse = [], own = [], theirs = null] = times;
  return { parse, ours: own, tardis: theirs };
}

/** The frames in order, in runs of one turn's length; few frames are repeated to fill one. */
function windowsOf(frames: readonly string[]): readonly (readonly string[])[] {
  const repeats = Math.ceil(FRAMES_PER_TURN / frames.length);
  return inRunsOf(FRAMES_PER_TURN, Array<readonly string[]>(repeats).fill(frames).flat());
}

/** Nanoseconds per frame. */
function timed(contender: Contender, frames: readonly string[]): number {
  const start = process.hrtime.bigint();
  const work = contender(frames);
  const took = Number(process.hrtime.bigint() - start);
  if (work < 0) throw new Error("no frame was read");
  return took / frames.length;
}

function parseOnly(frames: readonly string[]): number {
  let count = 0;
  for (const frame of frames) if (JSON.parse(frame) !== undefined) count += 1;
  return count;
}

function ours({ exchange, opening }: FrameMix): Contender {
  const { fallbackInstruments, createDecoder } = exchanges[exchange];
  const instruments = new Map(fallbackInstruments.map((instrument) => [instrument.instrument, instrument]));
  const decoder = createDecoder({ symbols: "*", instruments });
  for (const frame of opening) decoder.decode(frame, START);
  return (frames) => {
    let count = 0;
    for (const frame of frames) count += decoder.decode(frame, RECEIVED_TIME).length;
    return count;
  };
}

/**
 * Its names of the venues. KuCoin has no liquidations there either; those of Aster are not read, and of Deribit, BitMEX and
 * Lighter all trades or orders are, which is other work.
 */
const TARDIS_NAMES = {
  binance: "binance-futures",
  bybit: "bybit",
  okx: "okex-swap",
  bitfinex: "bitfinex-derivatives",
  kucoin: null,
  deribit: null,
  bitmex: null,
  aster: null,
  lighter: null,
  gate: null,
  bitget: null,
  htx: null,
} as const satisfies Record<ExchangeName, string | null>;

function tardis({ exchange, opening }: FrameMix): Contender | null {
  const name = TARDIS_NAMES[exchange];
  if (name === null) return null;
  const now = new Date();
  const mapper = normalizeLiquidations(name, now);
  for (const frame of opening) mapper.canHandle(JSON.parse(frame));
  return (frames) => {
    let count = 0;
    for (const frame of frames) {
      const message: unknown = JSON.parse(frame);
      if (mapper.canHandle(message)) for (const event of mapper.map(message, now) ?? []) count += event.type === "liquidation" ? 1 : 0;
    }
    return count;
  };
}

/** Real frames, where they are at hand: those of the sockets, not the REST answers. */
function capturedMixes(): readonly FrameMix[] {
  if (!existsSync(CAPTURES)) return [];
  return EXCHANGES.map((exchange) => {
    const files = globSync(join(CAPTURES, `${exchange}-*.jsonl`)).filter((file) => !REST_ANSWERS.test(basename(file)));
    const frames = files.toSorted().flatMap((file) => readFileSync(file, "utf8").split("\n").filter(isJsonFrame));
    return { exchange, name: "captures", opening: [], frames };
  });
}

/** OKX answers a ping with the bare word `pong`, which is nothing to parse. */
function isJsonFrame(line: string): boolean {
  return line.startsWith("{") || line.startsWith("[");
}

const REST_ANSWERS = /exchangeinfo|-rest|instruments|contract|conf-|bullet|history/u;

function row(mix: FrameMix, measured: Measured): string[] {
  const bytes = mix.frames.reduce((sum, frame) => sum + frame.length, 0) / mix.frames.length;
  const { parse, ours: own, tardis: theirs } = measured;
  return [
    mix.exchange,
    mix.name,
    bytes.toFixed(0),
    median(parse).toFixed(0),
    median(own).toFixed(0),
    median(ratios(own, parse)).toFixed(2),
    theirs === null ? "" : median(theirs).toFixed(0),
    theirs === null ? "" : median(ratios(theirs, parse)).toFixed(2),
  ];
}

function ratios(times: readonly number[], against: readonly number[]): readonly number[] {
  return times.map((time, round) => time / (against[round] ?? Number.NaN));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
