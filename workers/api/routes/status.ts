import { hubOf } from "../../../durable-objects/market-hub/hub-of.ts";
import type { Config } from "../../../src/config.ts";
import type { ForecastModelFile } from "../../../src/cascade-forecast/forecast-model-file.ts";
import { ADAPTER_VERSIONS } from "../../../src/exchanges/adapter-versions.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { FeedStatus, SymbolStatus } from "../../../src/feed-status.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { EXCHANGES, SCHEMA_VERSION } from "../../../src/liquidation-fields.ts";
import type { FeedReport } from "../../feeds.ts";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { readDeadLetters } from "../../d1/dead-letters.ts";
import { readJobStatuses } from "../../d1/job-runs.ts";
import { installedForecastModel } from "../../forecasts/installed-forecast-model.ts";
import { highestForecasts } from "../../forecasts/shown-forecast.ts";
import type { Installed } from "../../r2/installed-file.ts";
import { readRuleState } from "../../signals/rule-state-rows.ts";
import { type InstalledRules, installedRules } from "../../signals/installed-rules.ts";
import { readSilences } from "../../silence/read-silences.ts";
import { readVenueWatch } from "../../venue-watch/venue-watch.ts";
import { partsOff } from "../../optional-parts.ts";
import type { ApiContext } from "../http/api-env.ts";
import { type Frozen, jsonOperation } from "../http/json-operation.ts";
import { type CascadeForecastStatus, type RuleModelStatus, type VenueStatus, statusSchema } from "../schemas/status.ts";

/** The status of every venue, symbol and optional part. */
export const statusRoute = jsonOperation({
  path: "/v1/status",
  id: "getStatus",
  cost: 2,
  cacheSeconds: 5,
  tag: "Status",
  summary: "Get the status",
  description:
    "Returns the state, sockets, last event, gaps and sink backlogs of each venue, what it publishes of auto-deleveraging, the totals of each base asset for the UTC day, whether rises count as spikes, the rule model that decides, whether cascades are forecast, how each job of the cron fares, the dead letters of each queue, news of venues and the venues without a feed, whether the silence of each venue and of its busiest base assets is explained by the others, and the optional parts that are off. An open socket alone does not make a feed live: it is live only while its control stream delivers. `meta.gaps` lists the open gaps.",
  data: statusSchema,
  answer: async (c) => {
    const config = c.get("config");
    const { now, feedStatuses } = c.get("deps");
    const [reports, jobs, deadLetters, rule, watch, rules, silence, forecast] = await Promise.all([
      feedStatuses(c.env, config),
      readJobStatuses(c.env.DB).catch(() => null),
      readDeadLetters(c.env.DB).catch(() => null),
      readRuleState(c.env.DB).catch(() => null),
      readVenueWatch(c.env.DB, config, now()).catch(() => null),
      installedRules(c.env.BUCKET, now()),
      readSilences(c.env.DB, config).catch(() => null),
      installedForecastModel(c.env.BUCKET, now()),
    ]);
    const statuses = reports.map((report) => report.status).filter((status) => status !== null);
    const data = {
      time: now(),
      versions: { schema: SCHEMA_VERSION, adapters: ADAPTER_VERSIONS, worker: c.env.VERSION?.id ?? null },
      exchanges: EXCHANGES.map((name) => venueStatus(name, config, reports)),
      symbols: addSymbols(statuses),
      spike_rule: rule,
      rule_model: ruleModelStatus(rules),
      cascade_forecast: await cascadeForecastStatus(c, forecast),
      jobs,
      dead_letters: deadLetters,
      venue_watch: watch,
      silence,
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

function ruleModelStatus({ version, reason, trained }: InstalledRules): Frozen<RuleModelStatus> {
  const { trained_from = null, trained_to = null, episodes = null } = trained?.model ?? {};
  return { version, reason, trained_from, trained_to, episodes };
}

/** Enough for a look; `GET /v1/cascades/forecast` has all. */
const HIGHEST_FORECASTS = 10;

async function cascadeForecastStatus(
  c: ApiContext,
  { model, reason }: Installed<ForecastModelFile>,
): Promise<Frozen<CascadeForecastStatus>> {
  if (model === null) return { score_kind: null, reason, model_hash: null, highest: null };
  const current = await Promise.resolve(hubOf(c.env, c.get("config")).forecasts(null)).catch(() => null);
  const highest = current === null ? null : highestForecasts(current, HIGHEST_FORECASTS, c.get("deps").now());
  return { score_kind: "calibrated", reason, model_hash: model.hash, highest };
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
