import { expect, test } from "vitest";
import type { Exchange, FeedMessage, Scope } from "../../../src/exchanges/exchange.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { ExchangeName, VenueLiquidation } from "../../../src/liquidation.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import type { LedgerEvent } from "../../../scripts/simulator/ledger.ts";
import { subscribingFrames } from "../exchanges/frame-reading.ts";
import type { Stage } from "./stage.ts";
import { openStage } from "./stage.ts";

const THREE: ReadonlySet<string> = new Set(["BTC", "ETH", "SOL"]);

async function requestJson(url: string, options: { readonly method?: string } = {}): Promise<unknown> {
  const answer = await fetch(url, options);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}

async function scopeOf(exchange: Exchange, stage: Stage, symbols: Scope["symbols"]): Promise<Scope> {
  const instruments = await exchange.loadInstruments(requestJson, stage.venues[exchange.name].urls);
  return { symbols, instruments: new Map(instruments.map((instrument) => [instrument.instrument, instrument])) };
}

/** Opens every socket the adapter asks for, as it asks for it, and collects what its decoder reads. */
async function follow(exchange: Exchange, stage: Stage, scope: Scope): Promise<FeedMessage[]> {
  const messages: FeedMessage[] = [];
  for (const plan of exchange.sockets(scope, stage.venues[exchange.name].urls)) {
    const { url } = await plan.address(requestJson, "round-trip");
    const client = await stage.connect(url);
    const decoder = exchange.createDecoder(scope);
    const answers = { welcome: 0, subscribed: 0 };
    client.onFrame((text) => {
      for (const message of decoder.decode(text, stage.now())) {
        messages.push(message);
        if (message.kind === "welcome" || message.kind === "subscribed") answers[message.kind] += 1;
        if (message.kind === "subscriptions") answers.subscribed += 1;
      }
    });
    stage.advance(50);
    if (plan.waitForWelcome) await expect.poll(() => answers.welcome).toBe(1);
    const frames = subscribingFrames(plan);
    for (const frame of frames) client.send(frame);
    const acks = frames.filter((frame) => !frame.includes('"conf"')).length;
    await expect.poll(() => answers.subscribed).toBeGreaterThanOrEqual(acks);
  }
  return messages;
}

function liquidationsOf(messages: readonly FeedMessage[]): Map<string, VenueLiquidation> {
  const found = messages.flatMap((message) => (message.kind === "liquidation" ? [message.liquidation] : []));
  return new Map(found.map((liquidation) => [liquidation.event_id, liquidation]));
}

function comparable(event: LedgerEvent | VenueLiquidation): readonly unknown[] {
  const { instrument, symbol, position_side, event_time } = event;
  return [instrument, symbol, position_side, event_time, event.quantity?.toPrecision(10)];
}

const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join(" ")).toSorted();

const CASES = EXCHANGES.flatMap((name) => [
  { name, symbols: THREE, told: "three coins" },
  { name, symbols: "*" as const, told: "all coins" },
]);

test.each(CASES)("$name, $told: the adapter reads from the wire exactly what the ledger says was sent", async ({ name, symbols }) => {
  const stage = await openStage({ rate: 40, okx: { repeatShare: 0.2, lateMs: 3000, lateShare: 0.1 } });
  const exchange = exchanges[name];
  const messages = await follow(exchange, stage, await scopeOf(exchange, stage, symbols));
  stage.advance(15_000);
  stage.venues[name].replayNow();
  stage.advance(5000);
  const sent = stage.venues[name].sent().filter((event) => symbols === "*" || symbols.has(event.symbol));
  await expect.poll(() => liquidationsOf(messages).size).toBeGreaterThanOrEqual(sent.length);
  const read = [...liquidationsOf(messages).values()];
  expect(sorted(read.map(comparable))).toEqual(sorted(sent.map(comparable)));
  expectPrices(read, sent);
  expect(sent.length > 0).toBe(name !== "kucoin");
  expect(messages.filter((message) => message.kind === "reject" || message.kind === "error")).toEqual([]);
});

/** Where both know a price it is the same; only Bitfinex may leave it to the mark price. */
function expectPrices(read: readonly VenueLiquidation[], sent: readonly LedgerEvent[]): void {
  const prices = new Map(sent.map((event) => [comparable(event).join(" "), event]));
  for (const liquidation of read) {
    const event = prices.get(comparable(liquidation).join(" "));
    if (liquidation.exchange !== "bitfinex") expect(liquidation.price, liquidation.event_id).not.toBeNull();
    if (liquidation.price === null || event === undefined || event.price === null) continue;
    expect(liquidation.price).toBeCloseTo(event.price, 6);
    expect(liquidation.usd_value).toBeCloseTo(event.usd_value ?? 0, 4);
  }
}

const MARKET: Record<ExchangeName, readonly FeedMessage["kind"][]> = {
  binance: ["mark", "index", "funding", "book_text"],
  bybit: ["mark", "index", "funding", "open_interest", "quote", "book"],
  okx: ["mark", "index", "funding", "open_interest", "book_text"],
  kucoin: ["mark", "index", "funding", "open_interest", "quote", "book_text"],
  bitfinex: ["mark", "index", "funding", "open_interest", "book", "heartbeat"],
};

test.each(EXCHANGES)("%s: every market reading the adapter has comes out of the simulated streams", async (name) => {
  const stage = await openStage();
  const exchange = exchanges[name];
  const messages = await follow(exchange, stage, await scopeOf(exchange, stage, THREE));
  // Short of every client's keepalive limit but for the funding of KuCoin, which comes once a minute.
  stage.advance(name === "kucoin" ? 59_900 : 20_000);
  await expect.poll(() => MARKET[name].filter((kind) => !messages.some((message) => message.kind === kind))).toEqual([]);
  const books = messages.flatMap((message) => (message.kind === "book_text" ? [exchange.readBook?.(message.text)] : []));
  expect(books.every((book) => book !== null && book !== undefined && book.bids.length > 0 && book.asks.length > 0)).toBe(true);
});

test.each(["okx", "bitfinex"] as const)("%s: REST gives back what was missed while nobody was connected", async (name) => {
  const stage = await openStage({ rate: 40 });
  const exchange = exchanges[name];
  const scope = await scopeOf(exchange, stage, THREE);
  const from = stage.now();
  stage.advance(8000);
  const pages = exchange.backfill?.requests(scope, stage.venues[name].urls, from, stage.now()) ?? [];
  const messages: FeedMessage[] = [];
  for (const first of pages) {
    for (let url: string | null = first; url !== null;) {
      const body = await requestJson(url);
      messages.push(...(exchange.backfill?.read(body, scope) ?? []));
      url = exchange.backfill?.next(url, body, from) ?? null;
    }
  }
  const missed = stage.venues[name].ledger().filter((event) => THREE.has(event.symbol));
  expect(missed.length).toBeGreaterThan(5);
  expect(stage.venues[name].sent()).toEqual([]);
  expect(sorted([...liquidationsOf(messages).values()].map(comparable))).toEqual(sorted(missed.map(comparable)));
});
