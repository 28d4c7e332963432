import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { fuzzVenue } from "../../scripts/fuzz/fuzz-venue.ts";
import type { Exchange } from "../../src/exchanges/exchange.ts";
import { exchanges } from "../../src/exchanges/registry.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../scripts/run.cjs");

test("5,000 mutated frames per venue: none throws, gives an absurd value, or costs too much", { timeout: 300_000 }, async () => {
  const child = spawn(process.execPath, [LAUNCHER, "fuzz.ts", "--frames", "5000"], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (part: Buffer) => (output += part.toString()));
  child.stderr.on("data", (part: Buffer) => (output += part.toString()));
  const code = await new Promise((done) => child.on("close", done));
  expect(code, output).toBe(0);
  for (const name of Object.keys(exchanges)) expect(output).toMatch(new RegExp(`│ ${name} +│ +5000 │.*│ nothing │`));
});

async function digestOf(seed: number): Promise<string> {
  return (await fuzzVenue(exchanges.okx, 300, seed)).digest;
}

test("the same seed sends the same frames, and another one others", async () => {
  expect(await digestOf(4)).toBe(await digestOf(4));
  expect(await digestOf(4)).not.toBe(await digestOf(5));
});

test("liquidations get through among the mutated frames", async () => {
  const { counts, failure } = await fuzzVenue(exchanges.bybit, 500, 1);
  expect(failure).toBeNull();
  expect(counts.get("stored")).toBeGreaterThan(20);
});

/** An adapter with one fault of its own. */
function faulty(decode: (text: string, honest: ReturnType<Exchange["createDecoder"]>) => ReturnType<typeof honest.decode>): Exchange {
  const createDecoder: Exchange["createDecoder"] = (scope) => {
    const honest = exchanges.bybit.createDecoder(scope);
    return { decode: (text) => decode(text, honest) };
  };
  return { ...exchanges.bybit, createDecoder };
}

test("an adapter that throws is found, and the frame made small", async () => {
  const thrower = faulty((text, honest) => {
    if (text.includes('"S":null')) throw new TypeError("no side");
    return honest.decode(text, 1_795_000_000_000);
  });
  const { failure } = await fuzzVenue(thrower, 20_000, 1);
  expect(failure?.finding).toEqual({ kind: "thrown", what: "TypeError: no side" });
  expect(failure?.inputs.map(({ text }) => text)).toEqual([expect.stringMatching(/^.{0,40}"S":null.{0,10}$/)]);
});

test("an adapter that lets an absurd value through is found, with the frames before it that it takes", async () => {
  let frames = 0;
  const liar = faulty((text, honest) => {
    const messages = honest.decode(text, 1_795_000_000_000);
    if (text.includes("orderbook")) frames += 1;
    return messages.map((message) =>
      message.kind === "liquidation" && frames > 0
        ? { kind: "liquidation", liquidation: { ...message.liquidation, usd_value: 1e307 } }
        : message,
    );
  });
  const { failure } = await fuzzVenue(liar, 2_000, 1);
  expect(failure?.finding).toEqual({ kind: "absurd", what: "usd_value is 1e+307" });
});
