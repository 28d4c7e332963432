import type { Exchange, FeedMessage, Instrument, ReceivedFrame } from "../../../src/exchanges/exchange.ts";
import type { VenueLiquidation } from "../../../src/liquidation.ts";
import { MAX_KEPT_CHARACTERS, type RawFrame } from "../../../src/raw-frames/raw-frame.ts";

/** Executions this old belong to no new liquidation, ms. */
const EXECUTIONS_KEPT_MS = 60_000;
const MAX_EXECUTIONS = 100;

interface ExecutionFrame {
  readonly frame: ReceivedFrame;
  readonly eventIdPrefixes: readonly string[];
}

/** Turns frames with liquidations into the texts that are journaled with them. */
export class FrameRecorder {
  readonly #exchange: Exchange;
  readonly #instrumentOf: (name: string) => Instrument | undefined;
  /** Frames with executions, which the decoder remembers as well: the price of a later liquidation may come from them. */
  #executions: readonly ExecutionFrame[] = [];

  constructor(exchange: Exchange, instrumentOf: (name: string) => Instrument | undefined) {
    this.#exchange = exchange;
    this.#instrumentOf = instrumentOf;
  }

  /** The `RawFrame` of a frame as JSON; null where the frame holds no liquidation. */
  record(messages: readonly FeedMessage[], frame: ReceivedFrame, source: RawFrame["source"]): string | null {
    if (!messages.some(({ kind }) => kind === "liquidation" || kind === "execution")) return null;
    const liquidations = messages.flatMap((message) => (message.kind === "liquidation" ? [message.liquidation] : []));
    const line = liquidations.length === 0 ? null : JSON.stringify(this.#rawFrame(liquidations, frame, source));
    this.#remember(messages, frame);
    return line;
  }

  #rawFrame(liquidations: readonly VenueLiquidation[], frame: ReceivedFrame, source: RawFrame["source"]): RawFrame {
    const names = new Set(liquidations.map(({ instrument }) => instrument));
    const earlier = this.#earlier(liquidations, frame);
    const characters = [frame.text, ...earlier].reduce((sum, text) => sum + text.length, 0);
    const isKept = characters <= MAX_KEPT_CHARACTERS;
    return {
      exchange: this.#exchange.name,
      adapter_version: this.#exchange.adapterVersion,
      received_time: frame.receivedTime,
      source,
      socket: frame.socket,
      connection: frame.connection,
      event_ids: liquidations.map(({ event_id }) => event_id),
      symbols: [...new Set(liquidations.map(({ symbol }) => symbol))],
      instruments: [...names].flatMap((name) => this.#instrumentOf(name) ?? []),
      earlier: isKept ? earlier : [],
      text: isKept ? frame.text : null,
    };
  }

  #earlier(liquidations: readonly VenueLiquidation[], frame: ReceivedFrame): string[] {
    return this.#executions
      .filter((one) => one.frame.connection === frame.connection)
      .filter(({ eventIdPrefixes }) => eventIdPrefixes.some((prefix) => liquidations.some(({ event_id }) => event_id.startsWith(prefix))))
      .map((one) => one.frame.text);
  }

  #remember(messages: readonly FeedMessage[], frame: ReceivedFrame): void {
    const eventIdPrefixes = messages.flatMap((message) => (message.kind === "execution" ? [message.eventIdPrefix] : []));
    if (eventIdPrefixes.length === 0) return;
    const recent = this.#executions.filter((one) => one.frame.receivedTime > frame.receivedTime - EXECUTIONS_KEPT_MS);
    this.#executions = [...recent, { frame, eventIdPrefixes }].slice(-MAX_EXECUTIONS);
  }
}
