import { parseArgs } from "node:util";
import type { ExchangeName } from "../../src/liquidation.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";
import { readWholeOption } from "../number-option.ts";

export const USAGE = `npm run fuzz -- [--frames N] [--seed S] [--exchange NAME]

Sends mutated frames through every adapter and the market context behind it, as one socket session after another: odd
types, huge numbers, deep nesting, cut JSON, swapped fields, odd times, long names, frames of 1 MB, Unicode, duplicate
keys, arrays for objects. One frame in a hundred is a mutated table of instruments, and one a mutated REST history where
the venue has one.

  --frames    frames per venue (default 20000)
  --seed      of the mutations: the same seed sends the same frames (default 1)
  --exchange  one of ${EXCHANGES.join(", ")} (default: all of them)

Exit code 1 if a frame throws, gives an absurd value, or costs too much time or memory; the smallest frames that still
do so are printed with the seed.`;

export interface FuzzOptions {
  readonly frames: number;
  readonly seed: number;
  readonly venues: readonly ExchangeName[];
}

export function readFuzzOptions(args: readonly string[]): FuzzOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      frames: { type: "string", default: "20000" },
      seed: { type: "string", default: "1" },
      exchange: { type: "string" },
    },
  });
  return {
    frames: readWholeOption("--frames", values.frames, 1, 1e9),
    seed: readWholeOption("--seed", values.seed, 0, 2 ** 31),
    venues: values.exchange === undefined ? EXCHANGES : [readExchange(values.exchange)],
  };
}

function readExchange(text: string): ExchangeName {
  const known = EXCHANGES.find((name) => name === text);
  if (known === undefined) throw new RangeError(`--exchange is ${JSON.stringify(text)}; allowed: ${EXCHANGES.join(", ")}`);
  return known;
}
