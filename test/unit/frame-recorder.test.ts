import { describe, expect, test } from "vitest";
import { FrameRecorder } from "../../durable-objects/exchange-feed/journal/frame-recorder.ts";
import { exchanges } from "../../src/exchanges/registry.ts";
import type { ReceivedFrame } from "../../src/exchanges/exchange.ts";
import { readRawFrame } from "../../src/raw-frames/normalize-frame.ts";
import { MAX_KEPT_CHARACTERS, type RawFrame, rawFrameSchema } from "../../src/raw-frames/raw-frame.ts";

const TIME = 1_795_000_000_000;
const { bitfinex } = exchanges;
const INSTRUMENTS = new Map(bitfinex.fallbackInstruments.map((one) => [one.instrument, one]));

/** One session of Bitfinex with everything that its feed keeps of it. */
function session(connection: string, recorder = new FrameRecorder(bitfinex, (name) => INSTRUMENTS.get(name))) {
  const decoder = bitfinex.createDecoder({ symbols: new Set(["BTC"]), instruments: INSTRUMENTS });
  return {
    recorder,
    receive(text: string, receivedTime = TIME): RawFrame | null {
      const frame: ReceivedFrame = { text, receivedTime, socket: "main", connection };
      const line = recorder.record(decoder.decode(text, receivedTime), frame, "stream");
      return line === null ? null : rawFrameSchema.parse(JSON.parse(line));
    },
  };
}

const row = (id: number, isMatch: 0 | 1, price: number | null, symbol = "BTC") =>
  ["pos", id, TIME, null, `t${symbol}F0:USTF0`, 0.5, 11_111, null, isMatch, 1, null, price] as const;
const frame = (...rows: readonly (readonly unknown[])[]) => JSON.stringify([5, rows]);
const pricesOf = (raw: RawFrame | null) =>
  (raw === null ? [] : readRawFrame(raw, bitfinex)).flatMap((message) =>
    message.kind === "liquidation" ? [message.liquidation.price] : [],
  );

describe("a frame", () => {
  test("with liquidations is kept with their ids, contracts and symbols, and nothing of what is out of scope", () => {
    const text = frame(row(1, 0, 80_000), row(2, 0, 140, "SOL"));
    expect(session("one").receive(text)).toEqual({
      exchange: "bitfinex",
      adapter_version: bitfinex.adapterVersion,
      received_time: TIME,
      source: "stream",
      socket: "main",
      connection: "one",
      event_ids: [`bitfinex:tBTCF0:USTF0:1:${TIME}`],
      symbols: ["BTC"],
      instruments: [INSTRUMENTS.get("tBTCF0:USTF0")],
      earlier: [],
      text,
    });
  });

  test("without one is not kept", () => {
    const { receive } = session("one");
    expect([receive(frame(row(2, 0, 140, "SOL"))), receive('{"event":"pong"}'), receive("{broken")]).toEqual([null, null, null]);
  });

  test("whose price came in an earlier frame of the connection is kept with that frame", () => {
    const { receive } = session("one");
    expect(receive(frame(row(7, 1, 79_000)))).toBeNull();
    expect(receive(frame(row(8, 1, 1)))).toBeNull();
    const raw = receive(frame(row(7, 0, null)));
    expect(raw?.earlier).toEqual([frame(row(7, 1, 79_000))]);
    expect(pricesOf(raw)).toEqual([79_000]);
  });

  test("of another connection, which knew no earlier frame, is kept without", () => {
    const one = session("one");
    one.receive(frame(row(7, 1, 79_000)));
    const raw = session("two", one.recorder).receive(frame(row(7, 0, null)));
    expect(raw?.earlier).toEqual([]);
    expect(pricesOf(raw)).toEqual([null]);
  });

  test("longer than is kept leaves its ids without its text", () => {
    const text = `${frame(row(1, 0, 80_000)).slice(0, -1)}${" ".repeat(MAX_KEPT_CHARACTERS)}]`;
    expect(session("one").receive(text)).toMatchObject({ event_ids: [`bitfinex:tBTCF0:USTF0:1:${TIME}`], text: null });
  });
});
