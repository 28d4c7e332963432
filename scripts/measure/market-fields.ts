import { impactAfter, type MarkAt } from "../../src/cascade/impact.ts";
import type { Exchange, FeedMessage, Scope } from "../../src/exchanges/exchange.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import { flowUsd } from "../../src/flow-usd.ts";
import { MAX_MARKET_DISTANCE_MS } from "../../src/lateness.ts";
import type { ExchangeName, ImpactFields, MarketFields, VenueLiquidation } from "../../src/liquidation.ts";
import { type MarketContext, marketFields, withMarkPrice } from "../../src/market/market-context.ts";
import { RecentMarks } from "../../src/market/recent-marks.ts";
import { Binance } from "../simulator/binance.ts";
import { Bitfinex } from "../simulator/bitfinex.ts";
import { Bybit } from "../simulator/bybit.ts";
import { Market, STEP_MS } from "../simulator/market.ts";
import { Okx } from "../simulator/okx.ts";
import { createRandom } from "../simulator/random.ts";
import { Scheduler, VenueTimer } from "../simulator/scheduler.ts";
import type { VenueContext } from "../simulator/venue.ts";
import type { VenueProtocol } from "../simulator/venue-protocol.ts";
import { PlayedVenue } from "./played-venue.ts";

/** A Sunday noon, far from any funding time. */
const START = Date.UTC(2026, 10, 22, 12, 0, 0);
const TICK_MS = 10;
/** When an impact is computed after the receipt of its liquidation, as the feed does. */
const IMPACT_READY_MS = 65_000;
/** The oldest age of any value before each kind had its own. */
const FORMER_FRESH_MS = 10_000;
const SYMBOLS: ReadonlySet<string> = new Set(["BTC", "ETH", "SOL"]);

export interface VenueFieldsMeasure {
  readonly exchange: ExchangeName;
  /** Liquidations that came within 10 s. */
  readonly rows: number;
  readonly fundingNull: number;
  /** Those whose funding rate was over 10 s old. */
  readonly fundingNullFormerly: number;
  readonly openInterestNull: number;
  readonly indexNull: number;
  readonly depthNull: number;
  /** Median of how far the books reach, bps. */
  readonly reachBps: number;
  /** Impact values that are known by all marks, and those that the feed's marks give another value for. */
  readonly impacts: number;
  readonly impactsDiffering: number;
  /** Share of the longs in the USD, by the venue's own prices and by flow USD. */
  readonly longShareReported: number;
  readonly longShareFlow: number;
}

interface Row {
  readonly liquidation: VenueLiquidation;
  readonly receivedTime: number;
  readonly fields: MarketFields;
  readonly fundingAgeMs: number;
}

/**
 * The market fields of simulated liquidations on every venue that publishes them, at the venues' own intervals: OKX pushes
 * funding rates every 30 to 90 s, Bybit marks every 100 ms, and the adapters poll as they do live.
 */
export async function measureMarketFields(seed: number, minutes: number, rate = 4): Promise<readonly VenueFieldsMeasure[]> {
  let now = START;
  const scheduler = new Scheduler(() => now);
  const market = new Market({ seed, rate, startTime: START });
  const played = await Promise.all(
    Object.entries(PROTOCOLS).map(async ([name, create]) => {
      const timer = new VenueTimer(scheduler);
      const protocol = create({ scheduler: timer, market: market.on(name as ExchangeName), random: createRandom(seed, name) });
      return { protocol, recorder: await record(exchanges[name as ExchangeName], protocol, now) };
    }),
  );
  scheduler.every(STEP_MS, (time) => {
    for (const liquidation of market.tick(time)) {
      played.find(({ protocol }) => protocol.name === liquidation.exchange)?.protocol.accept(liquidation);
    }
  });
  for (const end = START + minutes * 60_000; now < end;) {
    now += TICK_MS;
    for (const { recorder } of played) recorder.tick(now);
    scheduler.run();
  }
  return played.map(({ recorder }) => recorder.measure());
}

const PROTOCOLS: Readonly<Record<string, (context: VenueContext) => VenueProtocol<never>>> = {
  binance: (context) => new Binance(context, {}) as unknown as VenueProtocol<never>,
  bybit: (context) => new Bybit(context, {}) as unknown as VenueProtocol<never>,
  okx: (context) => new Okx(context, {}) as unknown as VenueProtocol<never>,
  bitfinex: (context) => new Bitfinex(context, {}) as unknown as VenueProtocol<never>,
};

async function record(exchange: Exchange, protocol: VenueProtocol<never>, now: number): Promise<FieldRecorder> {
  const instruments = new Map(exchange.fallbackInstruments.map((instrument) => [instrument.instrument, instrument]));
  const scope: Scope = { symbols: SYMBOLS, instruments };
  const recorder: FieldRecorder = new FieldRecorder(exchange.name, (take) => new PlayedVenue(exchange, protocol, scope, take));
  await recorder.venue.open(scope, now);
  return recorder;
}

/** Collects the liquidations of a venue with their market fields, and all of its marks. */
class FieldRecorder {
  readonly venue: PlayedVenue<never>;
  readonly #exchange: ExchangeName;
  readonly #recent = new RecentMarks();
  readonly #marks = new Map<string, MarkAt[]>();
  readonly #ids = new Set<string>();
  readonly #rows: Row[] = [];
  readonly #waiting: Row[] = [];
  readonly #compared = { impacts: 0, differing: 0 };

  constructor(
    exchange: ExchangeName,
    play: (take: (message: FeedMessage, now: number, context: MarketContext) => void) => PlayedVenue<never>,
  ) {
    this.#exchange = exchange;
    this.venue = play((message, now, context) => this.#take(message, now, context));
  }

  tick(now: number): void {
    this.venue.tick(now);
    while ((this.#waiting[0]?.receivedTime ?? Infinity) <= now - IMPACT_READY_MS) {
      const row = this.#waiting.shift();
      if (row !== undefined) this.#compareImpacts(row.liquidation);
    }
  }

  #take(message: FeedMessage, now: number, context: MarketContext): void {
    if (message.kind === "liquidation") this.#add(message.liquidation, now);
    if (message.kind === "mark") {
      const { instrument, price, time } = message;
      this.#recent.add(instrument, price, time, now);
      const all = this.#marks.get(instrument) ?? [];
      all.push({ time, price });
      this.#marks.set(instrument, all);
    }
    context.apply(message, now);
  }

  #add(liquidation: VenueLiquidation, receivedTime: number): void {
    const { contexts } = this.venue;
    if (this.#ids.has(liquidation.event_id) || Math.abs(receivedTime - liquidation.event_time) > MAX_MARKET_DISTANCE_MS) return;
    this.#ids.add(liquidation.event_id);
    const priced = withMarkPrice(liquidation, contexts, receivedTime);
    const funding = contexts[0]?.market(liquidation.instrument)?.funding ?? null;
    const fundingAgeMs = funding === null ? Infinity : receivedTime - funding.receivedTime;
    const row = { liquidation: priced, receivedTime, fields: marketFields(contexts, priced, receivedTime), fundingAgeMs };
    this.#rows.push(row);
    this.#waiting.push(row);
  }

  #compareImpacts({ instrument, event_time, position_side }: VenueLiquidation): void {
    const computed = impactAfter(this.#recent.of(instrument), event_time, position_side);
    const expected = impactByAllMarks(this.#marks.get(instrument) ?? [], event_time, position_side === "long" ? -1 : 1);
    for (const name of Object.keys(expected) as (keyof ImpactFields)[]) {
      if (expected[name] === null && computed[name] === null) continue;
      this.#compared.impacts += 1;
      if (expected[name] !== computed[name]) this.#compared.differing += 1;
    }
  }

  measure(): VenueFieldsMeasure {
    const rows = this.#rows;
    const share = (isNull: (row: Row) => boolean) => rows.filter(isNull).length / Math.max(1, rows.length);
    const reaches = rows.map(({ fields }) => fields.depth_reach_bps ?? 0).toSorted((a, b) => a - b);
    return {
      exchange: this.#exchange,
      rows: rows.length,
      fundingNull: share(({ fields }) => fields.funding_rate === null),
      fundingNullFormerly: share(({ fundingAgeMs }) => fundingAgeMs > FORMER_FRESH_MS),
      openInterestNull: share(({ fields }) => fields.open_interest_usd === null),
      indexNull: share(({ fields }) => fields.index_price === null),
      depthNull: share(({ fields }) => fields.bid_depth_usd === null || fields.ask_depth_usd === null),
      reachBps: reaches[reaches.length >> 1] ?? 0,
      impacts: this.#compared.impacts,
      impactsDiffering: this.#compared.differing,
      longShareReported: longShare(rows, ({ liquidation }) => liquidation.usd_value),
      longShareFlow: longShare(rows, ({ liquidation, fields }) =>
        flowUsd({ usd_value: liquidation.usd_value, notional_mark_usd: fields.notional_mark_usd }),
      ),
    };
  }
}

function longShare(rows: readonly Row[], usdOf: (row: Row) => number | null): number {
  const sum = (side: "long" | "short") =>
    rows.reduce((total, row) => total + (row.liquidation.position_side === side ? (usdOf(row) ?? 0) : 0), 0);
  return sum("long") / (sum("long") + sum("short"));
}

/** The impact by the plainest reading of its definition: a search through every mark that the venue sent. */
function impactByAllMarks(marks: readonly MarkAt[], time: number, sign: 1 | -1): ImpactFields {
  const lastUpTo = (limit: number) => marks.findLast((mark) => mark.time <= limit);
  const before = lastUpTo(time - 1);
  const impact = (horizonMs: number): number | null => {
    const after = lastUpTo(time + horizonMs);
    if (before === undefined || after === undefined || after.time < time) return null;
    if (time - before.time > 10_000 || time + horizonMs - after.time > 10_000) return null;
    return (sign * 1e4 * (after.price - before.price)) / before.price;
  };
  return { impact_1s_bps: impact(1_000), impact_5s_bps: impact(5_000), impact_60s_bps: impact(60_000) };
}
