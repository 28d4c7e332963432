import { exchanges } from "../../../src/exchanges/registry.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { coverageText } from "../../../src/exchanges/coverage-text.ts";
import { RATE_LIMITS } from "../http/rate-limit.ts";

const { address, key } = RATE_LIMITS;

/** What holds for all that is answered, a paragraph each. */
export const WHAT_IT_IS = [
  "Forced liquidations of perpetual futures on five venues, collected live, each with what the market and the other venues said at that moment; their totals, the cascades they form, and the decisions an agent took on them, with how those came out.",
  `**No public source has all liquidations.** What each venue's feed carries, by its own word: ${coverageText(
    Object.fromEntries(EXCHANGES.map((name) => [name, exchanges[name].coverage])),
  )}. So sums over venues are floors, and shares between venues compare unlike feeds. Every answer names it in \`meta.coverage\`.`,
  "**Gaps.** `meta.gaps` lists the stretches inside the range in which a venue was not heard: what looks quiet there may not have been. `not_started` is all the time before a venue was first heard.",
  "**Null is unknown**, not applicable or too old, never zero; zero is a measured zero. `usd` and `usd_value` take USDT and USDC as one dollar and follow each venue's own kind of price (`price_kind`); `notional_mark_usd` uses the mark price everywhere and is what to compare venues by.",
  "**Signals are no advice.** A language model or a fixed rule decided them; `confidence` is its own word, and `paper: true` says that its record does not show skill.",
];

export const CONVENTIONS = [
  "**Answers** are `{ data, meta }`. Times out are milliseconds since 1970 UTC; times in are those or ISO 8601 with `Z` or an offset, and ranges are half-open, `[start, end)`. `HEAD` is answered wherever `GET` is.",
  "**Lists** come in pages of `limit`: ask again with the same parameters and `cursor` set to `meta.next_cursor` until that is null. Pages are complete while new rows arrive.",
  "**Errors** are RFC 9457 problems (`application/problem+json`): `code` is for programs, and `errors` names each bad parameter. Unknown parameters are errors.",
  "**Keys** go into `Authorization: Bearer liq_…` or `X-API-Key`, never into the address. `PUBLIC_READ=true`, as it is unless configured otherwise, opens what needs the scope `read` to everybody.",
  `**Limits**: ${address.limit} requests in ${address.periodSeconds} s from an address, ${key.limit} with a key; the headers \`RateLimit-Policy\` and \`RateLimit\` tell, and a 429 says in \`Retry-After\` when to come back.`,
  "**Conditional reads**: an `ETag` sent back as `If-None-Match` is answered with 304 where nothing has changed. **Repeated writes**: an `Idempotency-Key` gives the first answer again for 24 h.",
];
