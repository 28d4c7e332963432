import { exchanges } from "../../src/exchanges/registry.ts";
import { EXCHANGES } from "../../src/liquidation-fields.ts";

/** The venues that publish liquidations: on the others the market liquidates nobody. */
export const LIQUIDATING_EXCHANGES = EXCHANGES.filter((name) => exchanges[name].coverage !== "none");
