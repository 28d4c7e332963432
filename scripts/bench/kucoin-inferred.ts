import { kucoin } from "../../src/exchanges/kucoin/kucoin.ts";
import { THRESHOLDS } from "../../src/exchanges/kucoin/inferred/thresholds.ts";
import { table } from "../table.ts";
import { type KucoinRecording, type KucoinScenario, recordKucoin, SCOPE } from "./kucoin-recording.ts";

/** How much of what makers trade closes positions of theirs decides what open interest can tell. */
const NOISE: readonly (readonly [name: string, makerCloseShare: number, makerCloseSpread: number, latencyMs: number])[] = [
  ["none", 1, 0, 20],
  ["low", 0.9, 0.1, 40],
  ["middle", 0.75, 0.15, 60],
  ["high", 0.6, 0.2, 80],
];
const RATES: readonly (readonly [name: string, liquidationsPerSecond: number, seconds: number])[] = [
  ["calm: 0.1/s for 2 h", 0.1, 7200],
  ["cascade: 2/s for 20 min", 2, 1200],
];

interface Score {
  readonly liquidations: number;
  /** Those a sweep of which can be seen at all. */
  readonly large: number;
  /** Ordinary orders that look as large. */
  readonly ordinary: number;
  readonly inferred: number;
  readonly right: number;
  readonly usd: number;
  readonly usdFound: number;
}

/** Precision and recall of the inference on simulated flow. It says nothing of the live market, whose truth nobody publishes. */
export async function benchKucoinInferred(print: (line: string) => void): Promise<void> {
  const rows: string[][] = [];
  for (const [rateName, liquidationsPerSecond, seconds] of RATES) {
    for (const [noise, makerCloseShare, makerCloseSpread, latencyMs] of NOISE) {
      const venue = { makerCloseShare, makerCloseSpread };
      const scenario: KucoinScenario = { seed: 11, seconds, liquidationsPerSecond, venue, latencyMs };
      const score = scoreOf(await recordKucoin(scenario));
      rows.push([rateName, `${noise} (makers close ${makerCloseShare * 100} ± ${makerCloseSpread * 100} %)`, ...cells(score)]);
    }
  }
  print("simulated KuCoin, BTC, ETH and SOL, seed 11, 2 ordinary orders a second and contract");
  print(
    table(["liquidations", "noise", "count", "large", "ordinary large", "inferred", "precision", "recall", "of large", "of USD"], rows),
  );
  print(`large: at least ${THRESHOLDS.minLevels} price levels and ${THRESHOLDS.minUsd} USD, without which nothing is inferred`);
  print("simulated flow is not the live market: the precision there is unknown");
}

function scoreOf({ messages, liquidations }: KucoinRecording): Score {
  const truth = new Map(liquidations.map((event) => [event.key, event]));
  const large = largeOrders(messages);
  const inferrer = kucoin.createInferrer?.((name) => SCOPE.instruments.get(name));
  const inferred = messages.flatMap(({ message, receivedTime }) => inferrer?.observe(message, receivedTime) ?? []);
  const found = inferred.flatMap(({ event_id }) => truth.get(event_id.split(":").at(-1) ?? "") ?? []);
  return {
    liquidations: truth.size,
    large: [...large].filter((id) => truth.has(id)).length,
    ordinary: [...large].filter((id) => !truth.has(id)).length,
    inferred: inferred.length,
    right: found.length,
    usd: usdOf(liquidations),
    usdFound: usdOf(found),
  };
}

function largeOrders(messages: KucoinRecording["messages"]): ReadonlySet<string> {
  const orders = new Map<string, { readonly prices: Set<number>; usd: number }>();
  for (const { message } of messages) {
    if (message.kind !== "trade") continue;
    const order = orders.get(message.takerOrderId) ?? { prices: new Set<number>(), usd: 0 };
    order.prices.add(message.price);
    order.usd += message.price * message.quantity;
    orders.set(message.takerOrderId, order);
  }
  const { minLevels, minUsd } = THRESHOLDS;
  const large = [...orders].filter(([, { prices, usd }]) => prices.size >= minLevels && usd >= minUsd);
  return new Set(large.map(([id]) => id));
}

function usdOf(events: readonly { readonly usd_value: number | null }[]): number {
  return events.reduce((sum, event) => sum + (event.usd_value ?? 0), 0);
}

function cells({ liquidations, large, ordinary, inferred, right, usd, usdFound }: Score): string[] {
  const counts = [liquidations, large, ordinary, inferred].map(String);
  return [...counts, percent(right, inferred), percent(right, liquidations), percent(right, large), percent(usdFound, usd)];
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${((100 * part) / whole).toFixed(0)}%`;
}
