import type { Config } from "../../../src/config.ts";
import { ADAPTER_VERSIONS } from "../../../src/exchanges/adapter-versions.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { FeedStatus, SymbolStatus } from "../../../src/feed-status.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { EXCHANGES, SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import type { FeedReport } from "../../feeds.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { readDeadLetters } from "../../d1/dead-letters.ts";
import { readRuleState } from "../../signals/rule-state-rows.ts";
import { partsOff } from "../../optional-parts.ts";
import { type Frozen, jsonOperation } from "../http/json-operation.ts";
import { type VenueStatus, statusSchema } from "../schemas/status.ts";

/** The status of every venue, symbol and optional part. */
export const statusRoute = jsonOperation({
  path: "/v1/status",
  id: "getStatus",
  tag: "Status",
  summary: "Get the status",
  description:
    "Returns the state, sockets, last event, gaps and sink backlogs of each venue, the totals of each base asset for the UTC day, whether rises count as spikes, the dead letters of each queue, and the optional parts that are off. An open socket alone does not make a feed live: it is live only while its control stream delivers. `meta.gaps` lists the open gaps.",
  data: statusSchema,
  answer: async (c) => {
    const config = c.get("config");
    const { now, feedStatuses } = c.get("deps");
    const [reports, deadLetters, rule] = await Promise.all([
      feedStatuses(c.env, config),
      readDeadLetters(c.env.DB).catch(() => null),
      readRuleState(c.env.DB).catch(() => null),
    ]);
    const statuses = reports.map((report) => report.status).filter((status) => status !== null);
    const data = {
      time: now(),
      versions: { schema: SCHEMA_VERSION, adapters: ADAPTER_VERSIONS },
      exchanges: EXCHANGES.map((name) => venueStatus(name, config, reports)),
      symbols: addSymbols(statuses),
      spike_rule: rule,
      dead_letters: deadLetters,
      parts_off: partsOff(c.env, config),
    };
    const gaps = statuses.map((status) => status.open_gap).filter((gap) => gap !== null);
    return { data, meta: { coverage: coverageOf(config), gaps } };
  },
});

/** A feed that did not respond has no state: `state` is null and `error` states the reason. */
function venueStatus(name: ExchangeName, config: Config, reports: readonly FeedReport[]): Frozen<VenueStatus> {
  const { coverage } = exchanges[name];
  if (!config.LIQUIDATION_EXCHANGES.includes(name)) {
    return { exchange: name, state: "off", coverage, error: "not in LIQUIDATION_EXCHANGES" };
  }
  const report = reports.find(({ exchange }) => exchange === name);
  if (report?.status) return { ...report.status, error: null };
  return { exchange: name, state: null, coverage, error: report?.error ?? "the status was not requested" };
}

function addSymbols(statuses: readonly FeedStatus[]): Readonly<Record<string, SymbolStatus>> {
  const sums = new Map<string, SymbolStatus>();
  for (const [symbol, status] of statuses.flatMap((feed) => Object.entries(feed.symbols))) {
    const sum = sums.get(symbol) ?? { long_events: 0, long_usd: 0, short_events: 0, short_usd: 0 };
    sums.set(symbol, {
      long_events: sum.long_events + status.long_events,
      long_usd: sum.long_usd + status.long_usd,
      short_events: sum.short_events + status.short_events,
      short_usd: sum.short_usd + status.short_usd,
    });
  }
  return Object.fromEntries(sums);
}
