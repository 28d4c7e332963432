import type { HubDependencies } from "../durable-objects/market-hub/market-hub.ts";
import { configOf } from "../src/config.ts";
import { publishingVenues } from "../src/exchanges/coverage.ts";
import { exchanges } from "../src/exchanges/registry.ts";
import type { TimedEvent } from "../durable-objects/market-hub/hub-baselines.ts";
import { MAX_FITTED_EVENTS } from "../src/hawkes/hawkes-fit.ts";
import { spikeWatchRule } from "../src/signals/spike-watch.ts";
import { cascadeMoved, largeLiquidation, ruleNews } from "../src/webhooks/make-event.ts";
import { saveCascades } from "./d1/cascade-writes.ts";
import { addDeadLetters } from "./d1/dead-letters.ts";
import { signalsAtOnce } from "./cron/signals.ts";
import { venueDays, venueHistory, weighVenues } from "./d1/quarter-hour-reads.ts";
import type { Env } from "./env.ts";
import { saveGradedDays } from "./forecasts/graded-days.ts";
import { installedForecastModel } from "./forecasts/installed-forecast-model.ts";
import { relayOf } from "./stream/relay-of.ts";
import { OBJECT_STORES_MS, storeUsage } from "./usage/platform-usage.ts";
import { logRuleEvents } from "./rules/rule-log.ts";
import { readLiveRules } from "./rules/rule-rows.ts";
import { storedMinutes } from "./rules/stored-minutes.ts";
import { publishEvent, publishLarge } from "./webhooks/publish-event.ts";

/** One more than the Hawkes fit takes, so that it notices omitted older ones. */
const EVENT_TIMES = `
  SELECT exchange, event_time FROM liquidations
  WHERE symbol = ?1 AND position_side = ?2 AND coverage = 'all_reported' ORDER BY event_time DESC LIMIT ${MAX_FITTED_EVENTS + 1}`;

/** The dependencies of the hub on the rest of the Worker. */
export const hubDependencies: HubDependencies<Env> = {
  lagResolutionMs: (exchange) => exchanges[exchange].lagResolutionMs,
  async saveCascades(env, records) {
    const refused = await saveCascades(env.DB, records, Date.now());
    const dead = refused.map(({ record, reason }) => ({ record: record.cascade_id, reason, content: record }));
    await addDeadLetters(env.DB, "cascades", dead, Date.now());
  },
  publish: (env, transition, time) => publishEvent(env, configOf(env), cascadeMoved(transition, time)),
  publishLarge: (env, noted) =>
    publishLarge(
      env,
      configOf(env),
      noted.map(({ liquidation, time }) => largeLiquidation(liquidation, time)),
    ),
  addLargeDeadLetters: (env, noted, reason) =>
    addDeadLetters(
      env.DB,
      "liquidation_events",
      noted.map(({ liquidation }) => ({ record: liquidation.event_id, reason })),
      Date.now(),
    ),
  storeUsage: (env) => storeUsage(env.DB, Date.now(), OBJECT_STORES_MS),
  addAdlDeadLetter: (env, event, reason) => addDeadLetters(env.DB, "adl_events", [{ record: event.id, reason }], Date.now()),
  publishEvent: (env, event) => publishEvent(env, configOf(env), event),
  addDeadLetter: (env, transition, time, reason) =>
    addDeadLetters(env.DB, "cascade_events", [{ record: cascadeMoved(transition, time).id, reason }], Date.now()),
  async venueWeights(env, time) {
    const [venues] = await env.DB.batch([venueHistory(env.DB, time)]);
    return weighVenues(publishingVenues(configOf(env)), venueDays(venues), time);
  },
  completeVenues: (env) => configOf(env).LIQUIDATION_EXCHANGES.filter((name) => exchanges[name].coverage === "all_reported"),
  async eventTimes(env, symbol, side) {
    const { results } = await env.DB.prepare(EVENT_TIMES).bind(symbol, side).all<TimedEvent>();
    return results;
  },
  spikeWatchRule: (env) => spikeWatchRule(configOf(env)),
  readForecastModel: async (env) => (await installedForecastModel(env.BUCKET, Date.now())).model,
  saveForecastDays: (env, days) => saveGradedDays(env.DB, days, Date.now()),
  streamVenues(env) {
    const config = configOf(env);
    const publishing = publishingVenues(config);
    return config.LIQUIDATION_EXCHANGES.map((exchange) => ({
      exchange,
      coverage: exchanges[exchange].coverage,
      counts: publishing.includes(exchange) || config.venues[exchange].inferred,
    }));
  },
  pushToRelay: (env, relay, push) => relayOf(env, relay).push(push),
  relayStats: (env, relay) => relayOf(env, relay).stats(relay),
  readRules: (env) => readLiveRules(env.DB, Date.now()),
  readMinutes: (env, symbol, range) => storedMinutes(env.DB, symbol, range),
  logRules: (env, happenings) => logRuleEvents(env.DB, happenings),
  async publishRule(env, delivery) {
    const config = configOf(env);
    const event = ruleNews(delivery, publishingVenues(config));
    return event === null ? { kind: "queued" } : publishEvent(env, config, event);
  },
  addRuleDeadLetter: (env, { happenings }, reason) =>
    addDeadLetters(
      env.DB,
      "rule_events",
      happenings.map(({ id }) => ({ record: id, reason })),
      Date.now(),
    ),
  judgeAtOnce: async (env, request) => (await signalsAtOnce(env, configOf(env), request)).flushes,
};
