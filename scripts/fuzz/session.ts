import { completeLiquidation } from "../../src/complete-liquidation.ts";
import { venueLiquidation } from "../../src/exchanges/decoding/venue-liquidation.ts";
import type { Decoder, Exchange, FeedMessage, Inferrer, Instrument, Scope } from "../../src/exchanges/exchange.ts";
import type { Liquidation, VenueLiquidation } from "../../src/liquidation.ts";
import { MarketContext, marketFields, withMarkPrice } from "../../src/market/market-context.ts";
import { absurdityOf, contractFault, messageFault } from "./absurd.ts";
import { openingFrames } from "./original-frames.ts";

/** One text that a venue sends. */
export interface Input {
  /** A frame of the socket, the table of contracts, or past liquidations, both of REST. */
  readonly source: "socket" | "table" | "history";
  readonly text: string;
  /** Time of arrival, ms. */
  readonly receivedTime: number;
}

/** What is wrong with an input: its kind stays the same while it is made smaller. */
export interface Finding {
  readonly kind: "thrown" | "absurd" | "slow" | "memory" | "endless";
  readonly what: string;
}

/** How often the session gave each kind of message; `stored` counts the liquidations that would be stored. */
export type Counts = Map<string, number>;

/** No venue's table has so many pages. */
const MAX_REQUESTS = 100;
const ADDRESSES = { ws: "https://venue.invalid", rest: "https://venue.invalid" };

/** One socket session of an adapter with the market context behind it, as the collector runs it. */
export class FuzzSession {
  readonly counts: Counts = new Map();
  readonly #exchange: Exchange;
  readonly #scope: Scope;
  readonly #decoder: Decoder;
  readonly #context: MarketContext;
  readonly #inferrer: Inferrer | undefined;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    const instruments = new Map(this.#exchange.fallbackInstruments.map((each) => [each.instrument, each]));
    this.#scope = { symbols: "*", instruments, inferred: true };
    this.#decoder = this.#exchange.createDecoder(this.#scope);
    this.#context = new MarketContext(this.#exchange.readBook, instruments);
    this.#inferrer = this.#exchange.createInferrer?.((instrument) => instruments.get(instrument));
    for (const frame of openingFrames(exchange.name)) this.#decoder.decode(frame, 0);
  }

  /** @returns what is wrong with it, or null */
  async take(input: Input): Promise<Finding | null> {
    try {
      if (input.source === "table") return await this.#table(input.text);
      return input.source === "history" ? this.#history(input) : this.#frame(input);
    } catch (error) {
      return {
        kind: "thrown",
        what: error instanceof Error ? `${error.name}: ${error.message.slice(0, 200)}` : "something that is no error",
      };
    }
  }

  #frame({ text, receivedTime }: Input): Finding | null {
    const messages = this.#decoder.decode(text, receivedTime);
    for (const message of messages) {
      this.#context.apply(message, receivedTime);
      const inferred = this.#inferrer?.observe(message, receivedTime) ?? [];
      const fault = this.#judge(message, receivedTime) ?? firstOf(inferred, (each) => this.#store(each, receivedTime));
      if (fault !== null) return absurd(fault);
    }
    this.#context.takeFaults();
    const fault = firstOf([...new Set(messages.map(instrumentOf))], (instrument) => this.#probe(instrument, receivedTime));
    return fault === null ? null : absurd(`a liquidation at this moment: ${fault}`);
  }

  #judge(message: FeedMessage, receivedTime: number, source: Liquidation["source"] = "stream"): string | null {
    this.#count(message.kind);
    if (message.kind === "liquidation") return this.#store(message.liquidation, receivedTime, source);
    return messageFault(message, this.#scope.instruments, receivedTime);
  }

  /** As the collector does: liquidations of a backfill belong to a past market. */
  #store(venue: VenueLiquidation, receivedTime: number, source: Liquidation["source"] = "stream"): string | null {
    this.#count("stored");
    if (source === "backfill") return absurdityOf(completeLiquidation(venue, { received_time: receivedTime, source, gap_before_ms: 0 }));
    const contexts = [this.#context];
    const priced = withMarkPrice(venue, contexts, receivedTime);
    const known = { received_time: receivedTime, source: "stream", gap_before_ms: 0 } as const;
    return absurdityOf(completeLiquidation(priced, { ...known, ...marketFields(contexts, priced, receivedTime) }));
  }

  /** What a liquidation of one unit would carry now: it reads the book, which the frames alone do not. */
  #probe(name: string | undefined, receivedTime: number): string | null {
    const instrument = this.#scope.instruments.get(name ?? "");
    if (instrument === undefined) return null;
    const venue = probeOf(this.#exchange, instrument, receivedTime);
    const priced = withMarkPrice(venue, [this.#context], receivedTime);
    const known = { received_time: receivedTime, source: "stream", gap_before_ms: 0 } as const;
    return absurdityOf(completeLiquidation(priced, { ...known, ...marketFields([this.#context], priced, receivedTime) }));
  }

  #history({ text, receivedTime }: Input): Finding | null {
    const { backfill } = this.#exchange;
    const body = parsed(text);
    if (backfill === undefined || body === undefined) return null;
    backfill.next(`${ADDRESSES.rest}/history?start=0&after=${receivedTime}`, body.value, 0);
    for (const message of backfill.read(body.value, this.#scope)) {
      // The collector leaves out what is outside the range that it asked for.
      const time = message.kind === "liquidation" ? message.liquidation.event_time : message.kind === "execution" ? message.time : 0;
      const fault = time > receivedTime ? null : this.#judge(message, receivedTime, "backfill");
      if (fault !== null) return absurd(fault);
    }
    return null;
  }

  /** A table may be refused as a whole, and then the last one stays in force. */
  async #table(text: string): Promise<Finding | null> {
    const body = parsed(text);
    if (body === undefined) return null;
    let requests = 0;
    const request = () => {
      requests += 1;
      return requests > MAX_REQUESTS ? Promise.reject(new Error("endless")) : Promise.resolve(body.value);
    };
    const contracts = await this.#exchange.loadInstruments(request, ADDRESSES).catch(() => []);
    if (requests > MAX_REQUESTS) return { kind: "endless", what: "the table of contracts has no end" };
    this.#count(contracts.length === 0 ? "tables refused" : "tables");
    const fault = firstOf(contracts, contractFault);
    return fault === null ? null : absurd(fault);
  }

  #count(kind: string): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }
}

function instrumentOf(message: FeedMessage): string | undefined {
  return "instrument" in message ? message.instrument : undefined;
}

function absurd(what: string): Finding {
  return { kind: "absurd", what };
}

function firstOf<Item>(items: readonly Item[], faultOf: (item: Item) => string | null): string | null {
  for (const item of items) {
    const fault = faultOf(item);
    if (fault !== null) return fault;
  }
  return null;
}

/** A response that is not JSON fails before an adapter sees it. */
function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function probeOf({ name, coverage, adapterVersion }: Exchange, instrument: Instrument, time: number): VenueLiquidation {
  return venueLiquidation(instrument, "long", {
    event_id: "probe",
    exchange: name,
    event_time: time,
    price: null,
    price_kind: "mark",
    quantity: 1,
    usd_value: null,
    coverage,
    adapter_version: adapterVersion,
  });
}
