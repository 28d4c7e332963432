import type { FeedMessage, Scope, SocketPlan } from "../../src/exchanges/exchange.ts";
import { kucoin } from "../../src/exchanges/kucoin/kucoin.ts";
import { RawClient } from "../simulator/raw-client.ts";
import { Kucoin, type KucoinOptions } from "../simulator/kucoin.ts";
import type { LedgerEvent } from "../simulator/ledger.ts";
import { Market } from "../simulator/market.ts";
import { createRandom } from "../simulator/random.ts";
import { Scheduler, VenueTimer } from "../simulator/scheduler.ts";
import { startVenue } from "../simulator/venue-server.ts";

const START = Date.UTC(2026, 10, 22, 12);
const STEP_MS = 50;
/** After each of these all frames sent are taken in. */
const ROUND_MS = 10_000;
/** Books would be nearly all of the traffic, and are not looked at. */
const WANTED = /\/contractMarket\/execution|mark-price/u;

export interface KucoinScenario {
  readonly seed: number;
  readonly seconds: number;
  /** Over all contracts. */
  readonly liquidationsPerSecond: number;
  readonly venue: Partial<KucoinOptions>;
  /** A frame takes this long on average, exponentially distributed, each socket for itself. */
  readonly latencyMs: number;
}

export interface TimedMessage {
  readonly message: FeedMessage;
  readonly receivedTime: number;
}

export interface KucoinRecording {
  /** What the adapter reads from both sockets, in the order received. */
  readonly messages: readonly TimedMessage[];
  readonly liquidations: readonly LedgerEvent[];
}

export const SCOPE: Scope = {
  symbols: new Set(["BTC", "ETH", "SOL"]),
  instruments: new Map(kucoin.fallbackInstruments.map((instrument) => [instrument.instrument, instrument])),
  inferred: true,
};

/** The simulated venue over its real protocol, on a clock of its own; all of the market's liquidations happen there. */
export async function recordKucoin(scenario: KucoinScenario): Promise<KucoinRecording> {
  const { seed, seconds, liquidationsPerSecond, latencyMs } = scenario;
  let now = START;
  const scheduler = new Scheduler(() => now);
  const market = new Market({ seed, startTime: START, rate: liquidationsPerSecond });
  const context = { scheduler: new VenueTimer(scheduler), market: market.on("kucoin"), random: createRandom(seed, "kucoin") };
  const protocol = new Kucoin(context, scenario.venue);
  scheduler.every(STEP_MS, (time) => {
    for (const liquidation of market.tick(time)) protocol.accept({ ...liquidation, exchange: "kucoin" });
  });
  const venue = await startVenue(protocol, context, 0);
  const advance = (ms: number) => {
    for (const end = now + ms; now < end;) {
      now += STEP_MS;
      scheduler.run();
    }
  };
  const plans = kucoin.sockets(SCOPE, venue.urls);
  const clients = await Promise.all(plans.map(open));
  advance(100);
  await Promise.all(
    plans.flatMap((plan, index) => plan.subscribe.filter((frame) => WANTED.test(frame)).map((frame) => clients[index]?.ask(frame, '"id"'))),
  );
  const sockets = clients.map((client, index) => ({ client, latency: createRandom(seed, `latency ${index}`), lastTime: 0 }));
  const messages: TimedMessage[] = [];
  const decoder = kucoin.createDecoder(SCOPE);
  for (let rounds = Math.ceil((seconds * 1000) / ROUND_MS); rounds > 0; rounds -= 1) {
    advance(ROUND_MS);
    for (const socket of sockets) {
      await socket.client.ask({ id: "ping", type: "ping" }, '"pong"');
      for (const text of socket.client.takeAll()) {
        // A socket keeps its order, however long a frame takes.
        socket.lastTime = Math.max(socket.lastTime, sentTime(text) + latencyMs * socket.latency.exponential(1));
        for (const message of decoder.decode(text, socket.lastTime)) messages.push({ message, receivedTime: socket.lastTime });
      }
    }
  }
  for (const client of clients) client.close();
  await venue.stop();
  const watched = protocol.ledger.all().filter(({ instrument }) => SCOPE.instruments.has(instrument));
  return { messages: messages.toSorted((a, b) => a.receivedTime - b.receivedTime), liquidations: watched };
}

async function open(plan: SocketPlan): Promise<RawClient> {
  return RawClient.open((await plan.address(requestJson, "bench")).url);
}

async function requestJson(url: string, options: { readonly method?: string } = {}): Promise<unknown> {
  return (await fetch(url, options)).json();
}

/** The frame's own time, ms; executions have it in nanoseconds. Answers have none. */
function sentTime(text: string): number {
  return Number(/"ts":(\d{13})/u.exec(text)?.[1] ?? 0);
}
