import { EXCHANGES } from "../liquidation-fields.ts";
import { exchanges } from "./registry.ts";

/** The version of each venue's adapter; each row carries the version that read it. */
export const ADAPTER_VERSIONS = Object.fromEntries(EXCHANGES.map((name) => [name, exchanges[name].adapterVersion]));
