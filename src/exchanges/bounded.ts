import {
  followsMark,
  isCurrency,
  isFundingInterval,
  isFundingRate,
  isInsuranceFund,
  isPrice,
  isQuantity,
  isSoundInstrument,
  liquidationFault,
  MAX_MARKET_USD,
  timeFault,
} from "./bounds.ts";
import type { ExchangeName } from "../liquidation.ts";
import { shown } from "./decoding/json.ts";
import { isDollar } from "./decoding/valuation.ts";
import type { Decoder, Endpoints, Exchange, FeedMessage, Inferrer, InstrumentOf, MarketPoll, Reject, Scope } from "./exchange.ts";

/** Far above any venue's frame: the largest, with the mark prices of all of Binance's contracts, has 120 kB. */
const MAX_FRAME_CHARACTERS = 1_000_000;
/** Maximum length of a text that is only read by people. */
const MAX_TEXT = 4096;
const MAX_REASON = 200;
const MARK_JUMP_HOLDS_MS = 3_000;
/** Ten times the number of contracts of the largest venue. */
const MAX_INSTRUMENTS = 10_000;

/**
 * Wraps an adapter with bounds: whatever the venue sends, no frame, history or table yields an implausible value
 * (`bounds.ts`), and an instrument outside the table uses no memory. Refused values become a `reject` with a reason.
 */
export function bounded(exchange: Exchange): Exchange {
  const { backfill, createInferrer, polls } = exchange;
  const held: Exchange = {
    ...exchange,
    ...(createInferrer !== undefined && {
      createInferrer: (instrumentOf: InstrumentOf, refused?: (reject: Reject) => void) =>
        boundedInferrer(exchange, createInferrer(instrumentOf), instrumentOf, refused),
    }),
    async loadInstruments(request, endpoints) {
      const table = await exchange.loadInstruments(request, endpoints);
      return table.filter(isSoundInstrument).slice(0, MAX_INSTRUMENTS);
    },
    createDecoder: (scope) => boundedDecoder(exchange, scope),
    ...(polls !== undefined && { polls: (scope: Scope, endpoints: Endpoints) => boundedPolls(exchange, scope, polls(scope, endpoints)) }),
  };
  if (backfill === undefined) return held;
  const read = (body: unknown, scope: Scope) => new Edge(exchange, scope).pass(backfill.read(body, scope), Number.POSITIVE_INFINITY);
  return { ...held, backfill: { ...backfill, read } };
}

export function allBounded(venues: Readonly<Record<ExchangeName, Exchange>>): Readonly<Record<ExchangeName, Exchange>> {
  const names = Object.keys(venues) as ExchangeName[];
  return Object.fromEntries(names.map((name) => [name, bounded(venues[name])] as const)) as Record<ExchangeName, Exchange>;
}

function boundedPolls(exchange: Exchange, scope: Scope, polls: readonly MarketPoll[]): readonly MarketPoll[] {
  const edge = new Edge(exchange, scope);
  return polls.map((poll) => ({
    ...poll,
    read(text, receivedTime) {
      if (text.length > MAX_FRAME_CHARACTERS) return [{ kind: "reject", reason: "response over 1 MB", text: text.slice(0, MAX_TEXT) }];
      return edge.pass(poll.read(text, receivedTime), receivedTime, text);
    },
  }));
}

function boundedDecoder(exchange: Exchange, scope: Scope): Decoder {
  const decoder = exchange.createDecoder(scope);
  const edge = new Edge(exchange, scope);
  return {
    decode(text, receivedTime) {
      if (text.length > MAX_FRAME_CHARACTERS) return [{ kind: "reject", reason: "frame over 1 MB", text: text.slice(0, MAX_TEXT) }];
      return edge.pass(decoder.decode(text, receivedTime), receivedTime, text);
    },
  };
}

/** Judges inferred liquidations as those of a frame: each value they are made of may be plausible, and their sum not. */
function boundedInferrer(
  exchange: Exchange,
  inferrer: Inferrer,
  instrumentOf: InstrumentOf,
  refused: (reject: Reject) => void = () => {},
): Inferrer {
  const edge = new Edge(exchange, { instruments: { has: (name) => instrumentOf(name) !== undefined, get: instrumentOf } });
  return {
    observe(message, receivedTime) {
      if (message.kind === "mark") edge.pass([message], receivedTime);
      return inferrer.observe(message, receivedTime).filter((liquidation) => {
        const [passed] = edge.pass([{ kind: "liquidation", liquidation }], receivedTime);
        if (passed?.kind === "reject") refused(passed);
        return passed?.kind === "liquidation";
      });
    },
  };
}

/** A message as it passes, or the reason why it does not. */
type Judged = FeedMessage | string | typeof OUTSIDE;

/**
 * Market data of an instrument outside the table, which was not requested: dropped without counting as a fault of the
 * venue.
 */
const OUTSIDE = Symbol("outside the table");

/** The bounds of one session. It holds the last mark price of each instrument in the table. */
class Edge {
  /** The first of the mark prices that are far from the last accepted one. */
  readonly #jumps = new Map<string, { readonly price: number; readonly since: number }>();
  readonly #instruments: Pick<Scope["instruments"], "get" | "has">;
  readonly #maxUsd: number;
  readonly #marks = new Map<string, number>();
  /** An instrument of the frame that is in the table: most messages of a frame are of one, which is looked up once. */
  #listed: string | null = null;

  constructor({ maxLiquidationUsd }: Exchange, { instruments }: { readonly instruments: Pick<Scope["instruments"], "get" | "has"> }) {
    this.#instruments = instruments;
    this.#maxUsd = maxLiquidationUsd;
  }

  /** @param frame the text of the messages, for rejects; without it they show the message */
  pass(messages: readonly FeedMessage[], receivedTime: number, frame?: string): readonly FeedMessage[] {
    let passed: FeedMessage[] | null = null;
    let index = -1;
    this.#listed = null;
    for (const message of messages) {
      index += 1;
      // Nearly all messages are books, of which only the contract is judged.
      if (message.kind === "book" && this.#instruments.has(message.instrument)) {
        passed?.push(message);
        continue;
      }
      const judged = this.#judge(message, receivedTime);
      if (judged === message) {
        passed?.push(message);
        continue;
      }
      passed ??= messages.slice(0, index);
      if (typeof judged === "string") passed.push(refusal(message, judged, frame));
      else if (judged !== OUTSIDE) passed.push(judged);
    }
    return passed ?? messages;
  }

  #judge(message: FeedMessage, receivedTime: number): Judged {
    switch (message.kind) {
      case "book":
      case "book_text":
        return this.#isListed(message.instrument) ? message : OUTSIDE;
      case "adl":
      case "mark":
      case "index":
      case "funding":
      case "funding_interval":
      case "open_interest":
      case "turnover":
      case "quote":
      case "trade":
        return this.#isListed(message.instrument) ? (this.#marketFault(message, receivedTime) ?? message) : OUTSIDE;
      case "liquidation": {
        const { liquidation } = message;
        const { instrument } = liquidation;
        const known = { listed: this.#instruments.has(instrument), mark: this.#marks.get(instrument), maxUsd: this.#maxUsd };
        return liquidationFault(liquidation, known, receivedTime) ?? message;
      }
      case "execution":
        if (message.eventIdPrefix.length > MAX_REASON || message.text.length > MAX_TEXT) return "text is too long";
        return timeFault(message.time, receivedTime) ?? message;
      default:
        return shortened(message);
    }
  }

  #isListed(instrument: string): boolean {
    if (instrument === this.#listed) return true;
    if (!this.#instruments.has(instrument)) return false;
    this.#listed = instrument;
    return true;
  }

  #marketFault(message: MarketMessage, receivedTime: number): string | null {
    switch (message.kind) {
      case "adl":
        if (!isInsuranceFund(message.insuranceFund)) return BAD_SIZE;
        return isCurrency(message.currency) ? timeFault(message.time, receivedTime) : "currency is no name";
      case "mark":
        if (!isPrice(message.price)) return BAD_PRICE;
        return timeFault(message.time, receivedTime) ?? this.#markFault(message.instrument, message.price, receivedTime);
      case "index":
        return isPrice(message.price) ? null : BAD_PRICE;
      case "quote":
        return isPrice(message.bid) && isPrice(message.ask) ? null : BAD_PRICE;
      case "funding":
        return isFundingRate(message.rate) ? null : "rate is beyond 100 %";
      case "funding_interval":
        return isFundingInterval(message.intervalMs) ? null : "interval is beyond a minute to a week";
      case "turnover":
        return message.usd >= 0 && message.usd <= MAX_MARKET_USD ? null : BAD_SIZE;
      case "open_interest":
        return isQuantity(message.quantity) && this.#isOfMarket(message.instrument, message.quantity) ? null : BAD_SIZE;
      case "trade":
        if (!isPrice(message.price)) return BAD_PRICE;
        if (!isQuantity(message.quantity) || message.quantity * message.price > this.#maxUsd) return BAD_SIZE;
        if (message.tradeId.length > MAX_REASON || message.takerOrderId.length > MAX_REASON) return "id is too long";
        return timeFault(message.time, receivedTime);
      default:
        return null;
    }
  }

  /** A mark price of another magnitude would spoil the minute's range, so it is believed once it holds for a while. */
  #markFault(instrument: string, price: number, receivedTime: number): string | null {
    const last = this.#marks.get(instrument);
    const jump = this.#jumps.size === 0 ? undefined : this.#jumps.get(instrument);
    const continues = jump !== undefined && followsMark(price, jump.price);
    if (last === undefined || followsMark(price, last) || (continues && receivedTime - jump.since >= MARK_JUMP_HOLDS_MS)) {
      this.#marks.set(instrument, price);
      if (jump !== undefined) this.#jumps.delete(instrument);
      return null;
    }
    if (!continues) this.#jumps.set(instrument, { price, since: receivedTime });
    return "price is far from the last mark price";
  }

  /** Whether a quantity is worth a market's whole at the last mark price at most. Where the price is not in dollars, nobody knows. */
  #isOfMarket(instrument: string, quantity: number): boolean {
    const value = quantity * (this.#marks.get(instrument) ?? 0);
    return value <= MAX_MARKET_USD || !isDollar(this.#instruments.get(instrument)?.quote ?? "");
  }
}

type MarketMessage = Extract<FeedMessage, { readonly instrument: string }>;

const BAD_PRICE = "price is beyond 1e-15 to 1e9";
const BAD_SIZE = "size is beyond reason";

/** Cuts texts for people to length; everything else passes unchanged. */
function shortened(message: FeedMessage): FeedMessage {
  switch (message.kind) {
    case "error":
      return message.message.length > MAX_TEXT ? { ...message, message: message.message.slice(0, MAX_TEXT) } : message;
    case "reconnect":
      return message.reason.length > MAX_REASON ? { ...message, reason: message.reason.slice(0, MAX_REASON) } : message;
    case "subscribed":
      return message.topic.length > MAX_TEXT ? { ...message, topic: message.topic.slice(0, MAX_TEXT) } : message;
    case "reject":
      if (message.reason.length <= MAX_REASON && message.text.length <= MAX_TEXT) return message;
      return { ...message, reason: message.reason.slice(0, MAX_REASON), text: message.text.slice(0, MAX_TEXT) };
    default:
      return message;
  }
}

function refusal(message: FeedMessage, fault: string, frame: string | undefined): FeedMessage {
  const text = frame !== undefined && frame.length <= MAX_TEXT ? frame : shown(message).slice(0, MAX_TEXT);
  return { kind: "reject", reason: `${message.kind} refused: ${fault}`, text };
}
