import { expect, test } from "vitest";
import * as fc from "fast-check";
import { frameMixes } from "../../../scripts/bench/adapter-frames.ts";
import { START } from "../../../scripts/bench/venue-frames.ts";
import type { BookLevel, Decoder, FeedMessage } from "../../../src/exchanges/exchange.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";

/** A frame, and what is typed over some of its characters: most of such frames are malformed, or mean something else. */
const edits = fc.array(
  fc.record({
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.nat(3),
    put: fc.constantFrom(
      ...'0 1 9 . - , [ ] { } " \\ x , "pos" "symbol":"ETHUSDT", "bid1Price":"1", "markPrice":"" e5 00 \u0007'.split(" "),
    ),
  }),
  { maxLength: 3 },
);

function edited(frame: string, changes: readonly { readonly place: number; readonly cut: number; readonly put: string }[]): string {
  return changes.reduce((text, { place, cut, put }) => {
    const at = Math.floor(place * text.length);
    return text.slice(0, at) + put + text.slice(at + cut);
  }, frame);
}

/** After the time of every frame: what lies ahead of the clock would be refused, whatever it says. */
const RECEIVED = START + 60_000;

/** White space before a frame is still JSON, but not the usual spelling: the parser reads it. */
const parsed = (decoder: Decoder, frame: string) => decoder.decode(` ${frame}`, RECEIVED).map(withoutSpace);

/** The parser leaves levels in the venue's spelling, which means the same numbers. */
function withoutSpace(message: FeedMessage): FeedMessage {
  if (message.kind === "book") return { ...message, bids: message.bids.map(asNumbers), asks: message.asks.map(asNumbers) };
  return "text" in message ? { ...message, text: message.text.trimStart() } : message;
}

function asNumbers([price, size]: BookLevel): BookLevel {
  return [Number(price), Number(size)];
}

test.each(frameMixes().map((mix) => [mix.exchange, mix.name, mix] as const))(
  "any frame of %s, %s, spelled usually or not, gives what the parser gives",
  (exchange, _name, { opening, frames }) => {
    const { fallbackInstruments, createDecoder } = exchanges[exchange];
    const instruments = new Map(fallbackInstruments.map((instrument) => [instrument.instrument, instrument]));
    const [quick, slow] = [createDecoder({ symbols: "*", instruments }), createDecoder({ symbols: "*", instruments })];
    for (const frame of opening) expect(quick.decode(frame, START)).toEqual(slow.decode(frame, START));
    fc.assert(
      fc.property(fc.constantFrom(...frames), edits, (frame, changes) => {
        const text = edited(frame, changes);
        expect(quick.decode(text, RECEIVED).map(withoutSpace)).toEqual(parsed(slow, text));
      }),
      { numRuns: 800, seed: 11 },
    );
  },
);
