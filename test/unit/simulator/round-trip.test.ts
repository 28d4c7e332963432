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
    const { url, headers = {} } = await plan.address(requestJson, "round-trip");
    const client = await stage.connect(url, { headers });
    const send = (frame: string) => client.send(plan.stamp?.(frame, stage.now()) ?? frame);
    const decoder = exchange.createDecoder(scope);
    const answers = { welcome: 0, subscribed: 0 };
    client.onFrame((text) => {
      for (const message of decoder.decode(text, stage.now())) {
        messages.push(message);
        if (message.kind === "welcome" || message.kind === "subscribed") answers[message.kind] += 1;
        if (message.kind === "subscriptions") answers.subscribed += 1;
        if (message.kind === "reply") send(message.frame);
      }
    });
    stage.advance(50);
    if (plan.waitForWelcome) await expect.poll(() => answers.welcome).toBe(1);
    const frames = subscribingFrames(plan);
    for (const frame of frames) send(frame);
    const acks = frames.filter((frame) => !frame.includes('"conf"')).length;
    await expect.poll(() => answers.subscribed).toBeGreaterThanOrEqual(acks);
  }
  return messages;
}

function liquidationsOf(messages: readonly FeedMessage[]): Map<string, VenueLiquidation> {
  const found = new Map<string, VenueLiquidation>();
  for (const message of messages) {
    if (message.kind !== "liquidation") continue;
    const { liquidation } = message;
    // As in the journal: a repeated order of BitMEX shows what is left of it by then.
    if (liquidation.exchange !== "bitmex" || !found.has(liquidation.event_id)) found.set(liquidation.event_id, liquidation);
  }
  return found;
}

function comparable(event: LedgerEvent | VenueLiquidation): readonly unknown[] {
  const { instrument, symbol, position_side, event_time } = event;
  // Where the venue gives no time, that of receipt is the reader's own.
  const time = event.exchange === "bitmex" ? "receipt" : event_time;
  return [instrument, symbol, position_side, time, event.quantity?.toPrecision(10)];
}

const sorted = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.join(" ")).toSorted();

const CASES = EXCHANGES.flatMap((name) => [
  { name, symbols: THREE, scope: "three coins" },
  { name, symbols: "*" as const, scope: "all coins" },
]);

test.each(CASES)("$name, $scope: the adapter reads from the wire exactly what the ledger says was sent", async ({ name, symbols }) => {
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
  const alike = Map.groupBy(sent, (event) => comparable(event).join(" "));
  for (const liquidation of read) {
    if (liquidation.exchange !== "bitfinex") expect(liquidation.price, liquidation.event_id).not.toBeNull();
    const { price, usd_value } = liquidation;
    // Twins may differ in nothing but the price.
    const prices = (alike.get(comparable(liquidation).join(" ")) ?? []).flatMap((event) => event.price ?? []);
    const [nearest] = prices.toSorted((one, other) => Math.abs(one - (price ?? 0)) - Math.abs(other - (price ?? 0)));
    if (price === null || nearest === undefined) continue;
    expect(price).toBeCloseTo(nearest, 6);
    expect(usd_value).toBeCloseTo((liquidation.quantity ?? 0) * nearest, 4);
  }
}

const MARKET: Record<ExchangeName, readonly FeedMessage["kind"][]> = {
  binance: ["mark", "index", "funding", "book_text"],
  bybit: ["mark", "index", "funding", "funding_interval", "open_interest", "turnover", "quote", "book"],
  okx: ["mark", "index", "funding", "funding_interval", "open_interest", "book"],
  kucoin: ["mark", "index", "funding", "open_interest", "quote", "book_text"],
  bitfinex: ["mark", "index", "funding", "open_interest", "book", "heartbeat"],
  deribit: ["mark", "index", "funding", "funding_interval", "open_interest", "turnover", "quote", "book"],
  bitmex: ["mark", "index", "funding", "funding_interval", "open_interest", "turnover", "quote"],
  aster: ["mark", "index", "funding", "book_text"],
  lighter: ["mark", "index", "funding", "funding_interval", "open_interest", "turnover", "book"],
  gate: ["mark", "index", "funding", "turnover"],
  bitget: ["mark", "index", "funding", "open_interest", "turnover", "quote", "book"],
  htx: ["heartbeat", "funding", "mark", "index"],
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

const POLLED: Record<ExchangeName, readonly FeedMessage["kind"][]> = {
  binance: ["open_interest", "book_text", "turnover", "funding_interval"],
  bybit: [],
  okx: ["book_text", "turnover"],
  kucoin: ["turnover", "funding_interval"],
  bitfinex: ["turnover", "funding_interval"],
  deribit: [],
  bitmex: ["book_text"],
  aster: ["book_text", "turnover", "funding_interval"],
  lighter: [],
  gate: ["open_interest", "book_text", "funding_interval"],
  bitget: [],
  htx: ["open_interest", "book_text"],
};

test.each(EXCHANGES)("%s: every market value that the adapter polls comes out of the simulated REST", async (name) => {
  const stage = await openStage();
  const exchange = exchanges[name];
  const scope = await scopeOf(exchange, stage, THREE);
  const messages: FeedMessage[] = [];
  for (const { url, read } of exchange.polls?.(scope, stage.venues[name].urls) ?? []) {
    messages.push(...read(await (await fetch(url)).text(), stage.now()));
  }
  expect(POLLED[name].filter((kind) => !messages.some((message) => message.kind === kind))).toEqual([]);
  expect(messages.filter(({ kind }) => kind === "reject")).toEqual([]);
  const books = messages.flatMap((message) => (message.kind === "book_text" ? [exchange.readBook?.(message.text)] : []));
  expect(books.every((book) => book !== null && book !== undefined && book.bids.length > 20 && book.asks.length > 20)).toBe(true);
});

test.each(["okx", "bitfinex", "deribit", "gate", "bitget", "htx"] as const)(
  "%s: REST gives back what was missed while nobody was connected",
  async (name) => {
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
    const inTime = (event: LedgerEvent | VenueLiquidation) =>
      comparable({ ...event, event_time: event.event_time - (event.event_time % (REST_RESOLUTION_MS[name] ?? 1)) });
    expect(sorted([...liquidationsOf(messages).values()].map(inTime))).toEqual(sorted(missed.map(inTime)));
  },
);

/** Where REST says less of the time than the socket, ms. */
const REST_RESOLUTION_MS: Readonly<Partial<Record<ExchangeName, number>>> = { gate: 1000 };
