import type { FeedProbe } from "../exchange.ts";
import { exchanges } from "../registry.ts";
import { bingx } from "./bingx.ts";
import { hyperliquid } from "./hyperliquid.ts";
import { mexc } from "./mexc.ts";

/** A venue that publishes no liquidations. */
export interface VenueWithoutFeed {
  readonly probe: FeedProbe;
  /** Its change log; null where an adapter of the venue names it. */
  readonly changeLog: string | null;
}

/** Venues that are not collected at all. */
const NOT_COLLECTED: readonly VenueWithoutFeed[] = [
  {
    probe: hyperliquid,
    // Gitbook serves a page as Markdown under this name. A new subscription would be listed here.
    changeLog: "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket/subscriptions.md",
  },
  { probe: bingx, changeLog: "https://raw.githubusercontent.com/BingX-API/BingX-swap-api-v2-doc/main/README.md" },
  { probe: mexc, changeLog: "https://mexcdevelop.github.io/apidocs/contract_v1_en/" },
];

/** All venues that are asked whether they publish liquidations by now: those with market data only, and those not collected. */
export const VENUES_WITHOUT_FEED: readonly VenueWithoutFeed[] = [
  ...Object.values(exchanges).flatMap(({ probe }) => (probe === undefined ? [] : [{ probe, changeLog: null }])),
  ...NOT_COLLECTED,
];
