import { expect, test } from "vitest";
import { exchanges } from "../../../src/exchanges/registry.ts";

/** An object that `String` cannot turn into text. */
const UNSHOWABLE = '{"toString":1}';

const FRAMES = [
  "",
  "null",
  "[]",
  "[null,null]",
  `{"stream":"x","data":{"e":${UNSHOWABLE}}}`,
  `{"result":[${UNSHOWABLE}]}`,
  `{"success":false,"ret_msg":${UNSHOWABLE},"op":${UNSHOWABLE}}`,
  `{"event":"error","code":${UNSHOWABLE},"msg":${UNSHOWABLE}}`,
  `{"event":"subscribe","arg":{"channel":${UNSHOWABLE}}}`,
  `{"arg":{"channel":${UNSHOWABLE}},"data":[]}`,
  `{"arg":{"channel":"liquidation-orders"},"data":[{"instId":"BTC-USDT-SWAP","details":[{"side":${UNSHOWABLE},"posSide":${UNSHOWABLE}}]}]}`,
  `{"type":"error","code":${UNSHOWABLE},"data":${UNSHOWABLE}}`,
  `[1,[["pos",${UNSHOWABLE},${UNSHOWABLE}]]]`,
];

test.each(Object.values(exchanges))("$name: frames made to break a reader give no event and no throw", (exchange) => {
  const instruments = new Map(exchange.fallbackInstruments.map((instrument) => [instrument.instrument, instrument]));
  const decoder = exchange.createDecoder({ symbols: "*", instruments });
  const messages = FRAMES.flatMap((frame) => decoder.decode(frame, 1_791_391_083_124));
  expect(messages.filter(({ kind }) => kind === "liquidation" || kind === "mark")).toEqual([]);
  expect(messages.filter(({ kind }) => kind === "reject").length).toBeGreaterThan(3);
});

/** `JSON.parse` reads it, and `JSON.stringify` cannot write it. */
const DEEP = "[".repeat(30_000) + "]".repeat(30_000);

const DEEP_FRAMES = [
  `{"result":[${DEEP}]}`,
  `{"stream":"x","data":{"e":${DEEP}}}`,
  `{"success":false,"ret_msg":${DEEP},"op":${DEEP}}`,
  `{"event":"error","code":${DEEP},"msg":${DEEP}}`,
  `{"arg":{"channel":${DEEP}},"data":[]}`,
  `{"type":"error","code":${DEEP},"data":${DEEP}}`,
  `[1,[["pos",${DEEP},${DEEP}]]]`,
  `[1,[["pos",1,1795000000000,null,"tBTCF0:USTF0",1,${DEEP},null,1]]]`,
];

test.each(Object.values(exchanges))("$name: frames nested more deeply than the stack do not throw", (exchange) => {
  const instruments = new Map(exchange.fallbackInstruments.map((instrument) => [instrument.instrument, instrument]));
  const decoder = exchange.createDecoder({ symbols: "*", instruments });
  const messages = DEEP_FRAMES.flatMap((frame) => decoder.decode(frame, 1_791_391_083_124));
  expect(messages.length).toBeGreaterThan(3);
});
