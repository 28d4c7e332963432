import { EXCHANGES } from "../liquidation-fields.ts";
import { exchanges } from "./registry.ts";

/** The version of each venue's adapter: rows carry the one that read them. */
export const ADAPTER_VERSIONS = Object.fromEntries(EXCHANGES.map((name) => [name, exchanges[name].adapterVersion]));
