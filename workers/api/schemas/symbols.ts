import * as z from "zod";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { symbolExample } from "./symbol-example.ts";

export const LISTING_STATES = ["collected", "halted", "not_listed", "no_liquidations", "unknown"] as const;

const listing = z
  .object({
    state: z.enum(LISTING_STATES).meta({
      description:
        "State of the base asset on the venue. collected: a contract trades there and its liquidations are collected. halted: it is listed, but no contract trades. not_listed: the venue does not list it. no_liquidations: it is listed, but the venue publishes no liquidations. unknown: the venue's table of contracts was not read yet.",
    }),
    instruments: z
      .array(z.string())
      .meta({ description: "The venue's own names of its contracts, those that trade first.", examples: [["BTCUSDT", "BTCUSDC"]] }),
  })
  .meta({ id: "SymbolListing", description: "One base asset on one venue." });

export const collectedSymbolSchema = z
  .object({
    symbol: z.string().meta({ description: "Base asset.", examples: ["BTC"] }),
    collected: z.boolean().meta({ description: "True where its liquidations are collected from at least one venue.", examples: [true] }),
    exchanges: z.partialRecord(z.enum(EXCHANGES), listing).meta({ description: "State on each configured venue." }),
  })
  .meta({
    id: "CollectedSymbol",
    description: "A base asset, and what of it is collected.",
    examples: [symbolExample],
  });
export type CollectedSymbol = z.output<typeof collectedSymbolSchema>;
