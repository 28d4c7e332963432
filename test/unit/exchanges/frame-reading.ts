import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect } from "vitest";
import type { Decoder, Exchange, Instrument, FeedMessage, RequestJson, Scope, SocketPlan } from "../../../src/exchanges/exchange.ts";
import { inRunsOf } from "../../../src/exchanges/decoding/scope.ts";
import type { VenueLiquidation } from "../../../src/liquidation.ts";

export const RECEIVED_TIME = 1_795_000_000_500;

export function scopeOf(exchange: Exchange, symbols: readonly string[] | "*", extra: readonly Instrument[] = []): Scope {
  const instruments = [...exchange.fallbackInstruments, ...extra].map((instrument) => [instrument.instrument, instrument] as const);
  return { symbols: symbols === "*" ? "*" : new Set(symbols), instruments: new Map(instruments) };
}

/** One frame through a decoder of its own. */
export function readFrame(exchange: Exchange, frame: unknown, scope: Scope = scopeOf(exchange, "*")): readonly FeedMessage[] {
  return exchange.createDecoder(scope).decode(typeof frame === "string" ? frame : JSON.stringify(frame), RECEIVED_TIME);
}

export function liquidationsOf(messages: readonly FeedMessage[]): readonly VenueLiquidation[] {
  return messages.flatMap((message) => (message.kind === "liquidation" ? [message.liquidation] : []));
}

export function kindsOf(messages: readonly FeedMessage[]): readonly string[] {
  return messages.map(({ kind }) => kind);
}

export function onlyLiquidation(messages: readonly FeedMessage[]): VenueLiquidation {
  const [liquidation, ...more] = liquidationsOf(messages);
  if (liquidation === undefined || more.length > 0 || messages.length > 1)
    throw new Error(`not one liquidation: ${JSON.stringify(messages)}`);
  return liquidation;
}

export function onlyReason(messages: readonly FeedMessage[]): string {
  const [message, ...more] = messages;
  if (message?.kind !== "reject" || more.length > 0) throw new Error(`not one reject: ${JSON.stringify(messages)}`);
  return message.reason;
}

/** Answers every request with the next body and notes the addresses. */
export function answering(bodies: readonly unknown[], asked: string[] = []): RequestJson {
  return async (url) => {
    asked.push(url);
    return bodies[asked.length - 1];
  };
}

/** The folder of the venues' real frames, which are not part of this project and may not be at hand. */
export const CAPTURES = join(import.meta.dirname, "../../../../shared/captures");

/** Lines of a real capture; null where it is not at hand. */
export function captureLines(file: string): readonly string[] | null {
  const path = join(CAPTURES, file);
  return existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line !== "")
    : null;
}

/** Cuts, splices and garbles the frames and checks that each result still gives readings instead of a throw. */
export function expectNoThrow(decoder: () => Decoder, frames: readonly string[]): void {
  const garbled = fc
    .record({
      frame: fc.constantFrom(...frames),
      from: fc.nat(400),
      length: fc.nat(40),
      filling: fc.oneof(FILLINGS, fc.string({ maxLength: 12 })),
    })
    .map(({ frame, from, length, filling }) => frame.slice(0, from) + filling + frame.slice(from + length));
  const replaced = fc
    .record({
      frame: fc.constantFrom(...frames),
      at: fc.nat(60),
      value: fc.oneof(fc.jsonValue(), fc.constantFrom("", "NaN", "-1", "1e999", 0)),
    })
    .map(({ frame, at, value }) => JSON.stringify(withReplaced(JSON.parse(frame), { left: at }, value)));
  fc.assert(
    fc.property(fc.array(fc.oneof(garbled, replaced, fc.constantFrom(...frames)), { maxLength: 6 }), (texts) => {
      const session = decoder();
      for (const text of texts) {
        for (const message of session.decode(text, RECEIVED_TIME)) {
          if (message.kind === "liquidation") expectSound(message.liquidation);
        }
      }
    }),
    { numRuns: 1500 },
  );
}

const FILLINGS = fc.constantFrom("", "null", "{}", "[]", '""', '"x"', "0", "-1", "1e999", '"NaN"', "}", "]", "\\u0000", ",");

/** Whatever the frame says, no number of an event is NaN, infinite or negative. */
function expectSound(liquidation: VenueLiquidation): void {
  expect(liquidation.event_time).toBeGreaterThan(0);
  for (const value of [liquidation.price, liquidation.quantity, liquidation.usd_value, liquidation.contracts]) {
    if (value !== null) expect(value).toBeGreaterThanOrEqual(0);
  }
  expect(liquidation.order_side).toBe(liquidation.position_side === "long" ? "sell" : "buy");
}

/** The tree with its n-th node replaced. */
function withReplaced(node: unknown, count: { left: number }, value: unknown): unknown {
  count.left -= 1;
  if (count.left < 0) {
    count.left = Number.POSITIVE_INFINITY;
    return value;
  }
  if (Array.isArray(node)) return node.map((item: unknown) => withReplaced(item, count, value));
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, withReplaced(item, count, value)]));
}

/**
 * Checks that a short cut round the parser reads as the parser does: a leading space keeps a frame from every short
 * cut. The fields hold ordinary values, odd ones and ones that need escaping.
 */
export function expectSameWhenParsed(exchange: Exchange, frameOf: (field: () => unknown) => unknown): void {
  const fields = fc.array(FIELD_VALUES, { minLength: 24, maxLength: 24 });
  fc.assert(
    fc.property(fields, (values) => {
      let next = 0;
      const text = JSON.stringify(frameOf(() => values[next++]));
      expect(withoutText(readFrame(exchange, text))).toEqual(withoutText(readFrame(exchange, ` ${text}`)));
    }),
    { numRuns: 500 },
  );
}

/** Mostly numbers as venues spell them, so that most frames are good ones. */
const FIELD_VALUES = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 99_999_999 }).map((units) => (units / 1000).toFixed(3)) },
  { weight: 1, arbitrary: fc.constantFrom("", "0", "-1", "1.2.3", ".", "x", '"', "\\", "\u0000", "牛", "1e5", null, 7, 0.5) },
);

function withoutText(messages: readonly FeedMessage[]): readonly unknown[] {
  return messages.map((message) => (message.kind === "reject" ? { ...message, text: null } : message));
}

/** All frames that a session sends to subscribe, in order. */
export function subscribingFrames({ subscribe, topics }: SocketPlan): readonly string[] {
  const runs = topics === undefined || topics.perRequest === null ? [] : inRunsOf(topics.perRequest, [...topics.contracts.keys()]);
  return [...runs.map((run, index) => topics?.request(index + 1, run).frame ?? ""), ...subscribe];
}
