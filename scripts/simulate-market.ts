import { parseArgs } from "node:util";
import { utcDate } from "../src/batch-object.ts";
import { DAY_MS } from "../src/windows/calendar.ts";
import { runCommand } from "./command-line.ts";
import { BTC_MODEL, EFFECTS, type Effect } from "./market-simulation/market-model.ts";
import { marketRows } from "./market-simulation/market-rows.ts";
import { simulateMarket, type SimulatedMarket } from "./market-simulation/simulate-market.ts";
import { throughHub } from "./market-simulation/through-hub.ts";
import { writeMarket } from "./market-simulation/write-market.ts";
import { readNumberOption, readWholeOption } from "./number-option.ts";
import { loadParquet } from "./parquet-module.ts";

const DEFAULT_START = "2026-10-05";

const USAGE = `npm run simulate-market -- --days N --seed S [--effect E] [--out DIR] [--start DATE] [--events N] [--complete]

Writes a simulated BTC market into a folder, as daily files that npm run backtest reads: the same for the same options.
  --days      whole days, 1 to 400
  --seed      a whole number; every part of the market follows from it
  --effect    what is planted (default none): ${EFFECTS.join(", ")}
  --out       the folder (default simulated-market)
  --start     first day, UTC (default ${DEFAULT_START}, a Monday)
  --events    liquidations of a day, on the average (default ${BTC_MODEL.eventsPerDay})
  --complete  publish every liquidation; without it Binance publishes the largest of each second and OKX any one

Beside the daily files it writes marks.csv (minute marks with spread, volume and funding) and planted.jsonl (what was planted: the truth).`;

export interface SimulateMarketOptions {
  readonly days: number;
  readonly seed: number;
  readonly effect: Effect;
  readonly out: string;
  readonly startTime: number;
  readonly eventsPerDay: number;
  readonly isComplete: boolean;
}

function readOptions(): SimulateMarketOptions {
  const { values } = parseArgs({
    options: {
      days: { type: "string" },
      seed: { type: "string" },
      effect: { type: "string", default: "none" },
      out: { type: "string", default: "simulated-market" },
      start: { type: "string", default: DEFAULT_START },
      events: { type: "string", default: String(BTC_MODEL.eventsPerDay) },
      complete: { type: "boolean", default: false },
    },
  });
  const effect = EFFECTS.find((name) => name === values.effect);
  if (effect === undefined) throw new RangeError(`--effect is ${JSON.stringify(values.effect)}; allowed: ${EFFECTS.join(", ")}`);
  const startTime = /^\d{4}-\d{2}-\d{2}$/.test(values.start) ? Date.parse(values.start) : Number.NaN;
  if (!Number.isFinite(startTime))
    throw new RangeError(`--start is ${JSON.stringify(values.start)}; allowed: a date such as ${DEFAULT_START}`);
  return {
    days: readWholeOption("--days", values.days ?? "", 1, 400),
    seed: readWholeOption("--seed", values.seed ?? "", 0, 2 ** 31),
    effect,
    out: values.out,
    startTime,
    eventsPerDay: readNumberOption("--events", values.events, 0, 1_000_000),
    isComplete: values.complete,
  };
}

async function simulateIntoFolder({ out, eventsPerDay, ...options }: SimulateMarketOptions): Promise<number> {
  loadParquet();
  const market = simulateMarket({ ...options, model: { ...BTC_MODEL, eventsPerDay } });
  const { rows } = throughHub(marketRows(market), [market.model.symbol]);
  writeMarket(out, market, rows);
  for (const line of summary(market, out)) console.log(line);
  return 0;
}

function summary({ events, planted, startTime, endTime, model }: SimulatedMarket, out: string): readonly string[] {
  const sizes = events.map(({ usd }) => usd).toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sizes[Math.floor(share * sizes.length)] ?? 0).toLocaleString("en");
  const days = (endTime - startTime) / DAY_MS;
  const millions = (sizes.reduce((sum, usd) => sum + usd, 0) / days / 1e6).toFixed(1);
  const [from, to] = [utcDate(startTime), utcDate(endTime)];
  return [
    `${from} to ${to}: ${events.length.toLocaleString("en")} liquidations of ${model.symbol}, ${Math.round(events.length / days).toLocaleString("en")} and ${millions} million USD a day`,
    `Sizes in USD: median ${at(0.5)}, 99th percentile ${at(0.99)}, largest ${at(0.999_999_9)}`,
    `Planted: ${planted.length} (${out}/planted.jsonl)`,
    `Try: npm run backtest -- --data ${out} --symbols ${model.symbol} --from ${from} --to ${to}`,
  ];
}

if (import.meta.main) await runCommand({ usage: USAGE, readOptions, run: simulateIntoFolder });
