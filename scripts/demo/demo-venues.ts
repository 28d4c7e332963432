import { EXCHANGES } from "../../src/liquidation-fields.ts";

/** The demo collects all venues, also those that are collected on request only; `LIQUIDATION_EXCHANGES` chooses others. */
export const DEMO_VARIABLES = { LIQUIDATION_EXCHANGES: process.env["LIQUIDATION_EXCHANGES"] ?? EXCHANGES.join(",") } as const;
