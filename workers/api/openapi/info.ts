import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { VENUE_COUNT } from "../../../src/exchanges/venue-count.ts";
import { coverageText } from "../../../src/exchanges/coverage-text.ts";
import { RATE_LIMITS } from "../http/rate-limit.ts";

const { address, key } = RATE_LIMITS;

/** What the data is and is not: one paragraph each. */
export const WHAT_IT_IS = [
  `Forced liquidations of perpetual futures on ${VENUE_COUNT} venues, collected live. Each one carries the state of the market and of the other venues at that moment. The API also serves totals, cascades, and the decisions an agent took on them together with their outcomes.`,
  `**No public source has all liquidations.** Coverage of each feed, by the venue's own documentation: ${coverageText(coverageOf({ LIQUIDATION_EXCHANGES: EXCHANGES }))}. Sums over venues are therefore lower bounds, and shares between venues compare unlike feeds. Every response states the coverage in \`meta.coverage\`. What all liquidations are estimated to come to stands in fields named \`estimate\`, by a model, with its method and status, and is never part of a sum.`,
  "**Gaps.** `meta.gaps` lists the periods inside the range in which a venue was not connected: a market that looks quiet there may not have been quiet. The reason `not_started` marks all the time before the first connection to a venue.",
  "**Null means unknown**, not applicable or too old; it never means zero. Zero is a measured zero. All dollars take USDT and USDC as one dollar. `usd_value` of a liquidation uses the venue's own kind of price (`price_kind`), `notional_mark_usd` the mark price. Sums, windows, cascades and shares (`usd`) add up `notional_mark_usd` where it is known, else `usd_value`.",
  "**Signals are not advice.** A language model or a fixed rule makes them. `confidence` is the analyst's own estimate, and `paper: true` means that its track record does not show yet that it earns.",
];

export const CONVENTIONS = [
  "**Responses** have the form `{ data, meta }`. Times in responses are milliseconds since 1970 UTC. Times in requests are milliseconds or ISO 8601 with `Z` or an offset, and ranges are half-open: `[start, end)`. Every `GET` path also supports `HEAD`.",
  "**Lists** come in pages of `limit` items: repeat the request with the same parameters and `cursor` set to `meta.next_cursor` until that is null. Pages miss and repeat nothing while new rows arrive.",
  "**Errors** are RFC 9457 problems (`application/problem+json`): programs read `code`, and `errors` names each invalid parameter. An unknown parameter is an error.",
  "**API keys** are sent as `Authorization: Bearer liq_…` or `X-API-Key`, never in the URL. With `PUBLIC_READ=true` (default), operations with the scope `read` need no key.",
  `**Limits**: ${address.limit} requests in ${address.periodSeconds} s per address, ${key.limit} per key. An operation that reads much counts as several requests (\`x-cost\`), unless its answer comes from the cache. IPv6 addresses count by their /64. The headers \`RateLimit-Policy\` and \`RateLimit\` state the limits, and a 429 states in \`Retry-After\` how long to wait.`,
  "**Conditional reads**: send an `ETag` back as `If-None-Match`, and an unchanged resource returns 304. **Safe retries**: a request with the same `Idempotency-Key` returns the first response again for 24 h.",
];
