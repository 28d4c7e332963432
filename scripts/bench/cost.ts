import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { OBJECT_GB, PLAN_AS_OF, PLAN_ITEMS, PLAN_USD, type PlanItemName, itemCostUsd } from "../../src/cloudflare-plan.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { readFeeds, untilLive } from "../demo/read-feeds.ts";
import { startLocalWorker } from "../local-worker.ts";
import { parseConfig } from "../../src/config.ts";
import type { ExchangeName, Liquidation } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { ASSETS } from "../simulator/assets.ts";
import { drawUsd } from "../simulator/market.ts";
import { createRandom } from "../simulator/random.ts";
import { environment, startVenues } from "../simulator/start-venues.ts";
import { table } from "../table.ts";
import { startHeapMeter } from "./heap-meter.ts";
import { COUNTED, type PlatformAmounts, type PlatformCounts } from "./platform-counts.ts";
import { sampleLiquidations } from "./sample-liquidations.ts";

const MONTH_MS = 30 * DAY_MS;
/** Each is measured for this long, whole minutes of the cron. */
const MEASURED_MINUTES = 3;
/** Both windows that the spike rule compares, and some more. */
const BEFORE_MS = 35 * MINUTE_MS;
/** Long enough for the hourly tidying of a feed, after what it keeps for a day is old. */
const LATER_MS = DAY_MS + 3 * HOUR_MS;

/** The largest causes of rows written and R2 operations that are printed. */
const MAX_CAUSES = 40;

/** The operations of a month: by item of the price list, and by what caused them. */
interface Month {
  /** The largest heap in the measured minutes, bytes. */
  readonly heap: number;
  readonly amounts: Readonly<Record<string, number>>;
  readonly causes: Readonly<Record<string, number>>;
}

interface Layout {
  readonly title: string;
  readonly venues: readonly ExchangeName[];
  readonly objects: string;
  /** Objects that hold sockets, which keep them awake. */
  readonly withSockets: number;
  /** Liquidations a day, each measured in a Worker of its own, side by side. */
  readonly rates: readonly number[];
}

/** The venues that have objects of their own by default. Those that share one add the same object, and few liquidations. */
const FIVE = ["binance", "bybit", "okx", "kucoin", "bitfinex"] as const;

const RATES = [20_000, 200_000];

const ONE_OBJECT_A_VENUE: Layout = {
  title: "one object a venue",
  venues: FIVE,
  objects: FIVE.join(","),
  withSockets: FIVE.length,
  rates: RATES,
};
const ONE_OBJECT: Layout = { title: "all venues in one object", venues: FIVE, objects: FIVE.join("+"), withSockets: 1, rates: RATES };

/** Each venue that the collector knows, in the objects of the default configuration. Two such Workers are too much for two cores. */
function everyVenue(): Layout {
  const objects = [...Map.groupBy(parseConfig({}).LIQUIDATION_OBJECTS, ([, host]) => host).values()];
  const title = `every venue, in ${objects.length} objects`;
  return {
    title,
    venues: EXCHANGES,
    objects: objects.map((group) => group.map(([name]) => name).join("+")).join(","),
    withSockets: objects.length,
    rates: [Math.max(...RATES)],
  };
}

/** Nobody is liquidated at the venues that are not collected. */
function sharesOf({ venues }: Layout): Readonly<Record<string, number>> {
  return Object.fromEntries(EXCHANGES.filter((name) => !venues.includes(name)).map((name) => [name, 0]));
}

/** After the measured minutes. */
const IDLE_MINUTES = 1;
/** A day later. */
const LATER_MINUTES = 2;

/**
 * What a month of five venues costs on Cloudflare: the operations that the code makes, counted in the built Worker with
 * the cron of each minute, at two numbers of liquidations a day; what is deleted a day later; times the list of prices.
 */
export function benchCost(print: (line: string) => void): Promise<void> {
  return reportCosts(ONE_OBJECT_A_VENUE, print);
}

/** The same where the five venues share an object. */
export function benchCostOfOneObject(print: (line: string) => void): Promise<void> {
  return reportCosts(ONE_OBJECT, print);
}

/** The same of every venue, and what their objects take of the memory together. */
export function benchCostOfEveryVenue(print: (line: string) => void): Promise<void> {
  return reportCosts(everyVenue(), print);
}

async function reportCosts(layout: Layout, print: (line: string) => void): Promise<void> {
  print(`Prices of ${PLAN_AS_OF}. Operations of ${MEASURED_MINUTES} minutes, and of what is deleted a day later, as a month of 30 days.`);
  const { rates, title } = layout;
  // Side by side: what is counted does not depend on how fast it goes.
  const months = await Promise.all(rates.map((rate) => monthOf(layout, rate)));
  print(`\n${title}`);
  print(table(["a month", ...rates.map((rate) => `${rate.toLocaleString("en")} events a day`), "included"], rowsOf(months)));
  print(table(["of these", ...rates.map((rate) => `at ${rate.toLocaleString("en")}`), "for each event"], causesOf(months)));
  print("Not in the sums: requests of your API's callers, storage (R2, D1 and objects), Supabase, the model.");
  print(
    "Messages received on outgoing sockets are counted at their simulated rate. Should they be billed, 20 count as one object request.",
  );
  print(
    "Heap: live objects and buffers of all objects and the Worker together, after each collection; on Cloudflare they need not share 128 MB.",
  );
}

/** The largest causes of rows written and R2 operations, those at the highest rate first. */
function causesOf(months: readonly Month[]): readonly (readonly string[])[] {
  const causes = new Map(months.flatMap(({ causes: found }) => Object.keys(found).map((cause) => [cause, amountsOf(cause, months)])));
  const events = (Math.max(...RATES) * MONTH_MS) / DAY_MS;
  return [...causes]
    .toSorted(([, first], [, second]) => (second.at(-1) ?? 0) - (first.at(-1) ?? 0))
    .slice(0, MAX_CAUSES)
    .map(([cause, amounts]) => [cause, ...amounts.map(short), ((amounts.at(-1) ?? 0) / events).toFixed(2)]);
}

function amountsOf(cause: string, months: readonly Month[]): readonly number[] {
  return months.map(({ causes }) => causes[cause] ?? 0);
}

function rowsOf(months: readonly Month[]): readonly (readonly string[])[] {
  const items = (Object.keys(PLAN_ITEMS) as PlanItemName[]).filter((name) => months.some(({ amounts }) => amounts[name] !== undefined));
  return [
    ...items.map((name) => [
      PLAN_ITEMS[name].title,
      ...months.map(({ amounts }) => `${short(amounts[name] ?? 0)}: ${itemCostUsd(name, amounts[name] ?? 0).toFixed(2)} USD`),
      short(PLAN_ITEMS[name].included),
    ]),
    ["Workers Paid", ...months.map(() => `${PLAN_USD.toFixed(2)} USD`), ""],
    ["sum", ...months.map((month) => `${sumOf(items, month).toFixed(2)} USD`), ""],
    ["events a day, as measured", ...months.map(({ amounts }) => short(amounts["events_a_day"] ?? 0)), ""],
    ["hub awake", ...months.map(({ amounts }) => `${((100 * (amounts["hub_awake_ms"] ?? 0)) / MONTH_MS).toFixed(1)} %`), ""],
    ["log lines", ...months.map(({ amounts }) => short(amounts["log_lines"] ?? 0)), ""],
    ["socket messages", ...months.map(({ amounts }) => short(amounts["socket_messages"] ?? 0)), ""],
    ["largest heap", ...months.map(({ heap }) => `${(heap / 2 ** 20).toFixed(0)} MiB`), ""],
  ];
}

function sumOf(items: readonly PlanItemName[], { amounts }: Month): number {
  return items.reduce((sum, name) => sum + itemCostUsd(name, amounts[name] ?? 0), PLAN_USD);
}

function short(amount: number): string {
  if (amount >= 1e9) return `${(amount / 1e9).toFixed(2)} billion`;
  return amount >= 1e6 ? `${(amount / 1e6).toFixed(2)} million` : amount.toFixed(0);
}

/** Measures the operations of a month. */
async function monthOf(layout: Layout, eventsPerDay: number): Promise<Month> {
  const { venues: collected, objects, withSockets } = layout;
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-cost-"));
  const venues = await startVenues({ seed: 11, rate: (eventsPerDay * 1_000) / DAY_MS, shares: sharesOf(layout) });
  venues.quiet();
  const worker = await startLocalWorker({
    stateDir,
    entrypoint: fileURLToPath(new URL("cost-worker.ts", import.meta.url)),
    variables: { ...environment(venues), LIQUIDATION_EXCHANGES: collected.join(","), LIQUIDATION_OBJECTS: objects },
    inspect: true,
  });
  const read = async (path: string): Promise<PlatformCounts> => (await (await fetch(worker.url + path)).json()) as PlatformCounts;
  try {
    await worker.tick(new Date());
    await untilLive(worker.url);
    const rows = liquidationsBefore(Date.now(), eventsPerDay);
    await fetch(`${worker.url}/__before`, { method: "POST", body: JSON.stringify(rows) });
    venues.quiet(false);
    // Impacts are known after a minute: those of this one are stored in the next.
    await worker.tick(await nextMinute());
    const meter = worker.inspectorUrl === null ? null : await startHeapMeter(worker.inspectorUrl);
    const [before, eventsBefore, startTime] = [await read("/__counts"), await eventsOf(worker.url), Date.now()];
    for (let minute = 0; minute < MEASURED_MINUTES; minute += 1) await worker.tick(await nextMinute());
    const [after, events, endTime] = [await read("/__counts"), await eventsOf(worker.url), Date.now()];
    venues.quiet();
    const measured = minus(after, before);
    const heap = meter?.peak() ?? 0;
    meter?.stop();

    // A day later: what is counted above idle minutes is the deletion of what was stored.
    for (let minute = 0; minute < IDLE_MINUTES; minute += 1) await worker.tick(await nextMinute());
    const idle = minus(await read("/__counts"), after);
    // A run of the cron on a busy machine may take longer than its minute.
    const [minutes, idleMinutes] = [(endTime - startTime) / MINUTE_MS, (Date.now() - endTime) / MINUTE_MS];
    const start = await read(`/__later?ms=${LATER_MS}`);
    for (let minute = 0; minute < LATER_MINUTES; minute += 1) {
      await worker.tick(new Date((await nextMinute()).getTime() + LATER_MS));
    }
    const deleting = minus(minus(await read("/__counts"), start), idle, LATER_MINUTES / IDLE_MINUTES);
    const later = deletions(deleting, { received: events, before: rows.length, measured: events - eventsBefore });
    const measuredPerDay = ((events - eventsBefore) * DAY_MS) / (minutes * MINUTE_MS);
    // What idle minutes do is done at every rate; the rest grows with the liquidations, of which chance sent more or fewer.
    const aMonth = (busy: number, quiet: number, deleted: number): number => {
      const base = quiet / idleMinutes;
      const more = (busy + deleted) / minutes - base;
      return (Math.max(0, base + (more * eventsPerDay) / measuredPerDay) * MONTH_MS) / MINUTE_MS;
    };
    const amountOf = (name: (typeof COUNTED)[number]): number => aMonth(measured[name], idle[name], later.amounts[name] ?? 0);
    return {
      heap,
      amounts: {
        ...Object.fromEntries(COUNTED.map((name) => [name, amountOf(name)])),
        events_a_day: measuredPerDay,
        object_gb_s: ((withSockets * MONTH_MS + amountOf("hub_awake_ms")) * OBJECT_GB) / 1_000,
      },
      causes: Object.fromEntries(
        Object.keys({ ...deleting.causes, ...measured.causes }).map((cause) => [
          cause,
          aMonth(measured.causes[cause] ?? 0, idle.causes[cause] ?? 0, later.causes[cause] ?? 0),
        ]),
      ),
    };
  } finally {
    await worker.stop();
    await venues.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

/** Liquidations of the last two windows and a half, as many and as large as the simulated venues send. */
function liquidationsBefore(now: number, eventsPerDay: number): readonly Liquidation[] {
  const count = Math.round((eventsPerDay * BEFORE_MS) / DAY_MS);
  const random = createRandom(11, "before");
  return sampleLiquidations(count, 11).map((row, index) => {
    const received_time = Math.round(now - BEFORE_MS * (1 - index / count));
    const symbol = random.weighted(ASSETS.map((asset) => [asset.symbol, asset.weight]));
    const usd = drawUsd(random);
    const times = { event_time: received_time - 200, received_time };
    return { ...row, ...times, event_id: `before:${index}`, symbol, usd_value: usd, notional_mark_usd: usd };
  });
}

async function eventsOf(workerUrl: string): Promise<number> {
  return (await readFeeds(workerUrl)).reduce((sum, feed) => sum + feed.events_total, 0);
}

interface EventCounts {
  /** By the feeds, while the Worker ran. */
  readonly received: number;
  /** Taken by the hub and the hot store alone. */
  readonly before: number;
  /** Of those received, in the measured minutes. */
  readonly measured: number;
}

/** The rows of a day later that are deletions, as many as for the events of the measured minutes. */
function deletions({ causes }: PlatformCounts, { received, before, measured }: EventCounts): Omit<Month, "heap"> {
  const scaled = Object.entries(causes).flatMap(([cause, rows]) => {
    const [store = ""] = cause.split(":");
    if (rows <= 0 || !["feed", "hub", "d1"].includes(store)) return [];
    return [[cause, (rows * measured) / Math.max(1, received + (store === "feed" ? 0 : before))] as const];
  });
  const sum = (of: (store: string) => boolean): number =>
    scaled.reduce((rows, [cause, amount]) => rows + (of(cause.split(":")[0] ?? "") ? amount : 0), 0);
  return {
    amounts: { object_rows_written: sum((store) => store !== "d1"), d1_rows_written: sum((store) => store === "d1") },
    causes: Object.fromEntries(scaled),
  };
}

/** @param times how often `before` is taken off */
function minus(after: PlatformCounts, before: PlatformCounts, times = 1): PlatformCounts {
  const causes = Object.entries(after.causes).map(([cause, amount]) => [cause, amount - times * (before.causes[cause] ?? 0)]);
  return {
    ...(Object.fromEntries(COUNTED.map((name) => [name, after[name] - times * before[name]])) as PlatformAmounts),
    causes: Object.fromEntries(causes) as PlatformCounts["causes"],
  };
}

/** Waits until the next full minute, as the cron does. */
async function nextMinute(): Promise<Date> {
  const next = (Math.floor(Date.now() / MINUTE_MS) + 1) * MINUTE_MS;
  await new Promise((resolve) => setTimeout(resolve, next - Date.now()));
  return new Date(next);
}
