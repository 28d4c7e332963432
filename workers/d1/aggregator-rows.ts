import type { AggregatorMarket } from "../../src/aggregators/coinalyze.ts";
import type { ComparedDay } from "../../src/aggregators/hour-comparison.ts";
import type { ExchangeName } from "../../src/liquidation.ts";

/** How the requests to the aggregator went. Times in ms. */
export interface AggregatorState {
  /** When its markets were listed; null before the first time. */
  readonly listed_time: number | null;
  readonly markets: readonly AggregatorMarket[];
  /** Contracts that it lacks, because of which a venue or a base asset is not compared. */
  readonly lacking: Partial<Record<ExchangeName, readonly string[]>>;
  /** When each venue was read last. */
  readonly read_times: Partial<Record<ExchangeName, number>>;
  /** Of the last request for each venue, where it failed. */
  readonly errors: Partial<Record<ExchangeName, string>>;
  readonly success_time: number | null;
  readonly error: string | null;
  /** Number of failed requests in a row. */
  readonly failures: number;
  readonly next_attempt_time: number;
}

const NEW: AggregatorState = {
  listed_time: null,
  markets: [],
  lacking: {},
  read_times: {},
  errors: {},
  success_time: null,
  error: null,
  failures: 0,
  next_attempt_time: 0,
};

export async function readAggregatorState(db: D1Database): Promise<AggregatorState> {
  const state = await db.prepare("SELECT state FROM aggregator_state WHERE id = 1").first<string>("state");
  return state === null ? NEW : (JSON.parse(state) as AggregatorState);
}

export async function writeAggregatorState(db: D1Database, state: AggregatorState): Promise<void> {
  await db.prepare("INSERT OR REPLACE INTO aggregator_state (id, state) VALUES (1, ?1)").bind(JSON.stringify(state)).run();
}

/** Compared days from a day on, oldest first. */
export async function readComparedDays(db: D1Database, fromDay: number): Promise<readonly ComparedDay[]> {
  const { results } = await db
    .prepare("SELECT exchange, day, hours FROM aggregator_days WHERE day >= ?1 ORDER BY day, exchange")
    .bind(fromDay)
    .all<{ exchange: ExchangeName; day: number; hours: string }>();
  return results.map((row) => ({ ...row, hours: JSON.parse(row.hours) as ComparedDay["hours"] }));
}

/** Replaces these days, and drops those before a time, ms. */
export async function writeComparedDays(db: D1Database, days: readonly ComparedDay[], keptFrom: number): Promise<void> {
  const insert = db.prepare("INSERT OR REPLACE INTO aggregator_days (exchange, day, hours) VALUES (?1, ?2, ?3)");
  await db.batch([
    ...days.map(({ exchange, day, hours }) => insert.bind(exchange, day, JSON.stringify(hours))),
    db.prepare("DELETE FROM aggregator_days WHERE day < ?1").bind(keptFrom),
  ]);
}
