import type { HubDependencies } from "../durable-objects/market-hub/market-hub.ts";
import { configOf } from "../src/config.ts";
import { exchanges } from "../src/exchanges/registry.ts";
import type { TimedEvent } from "../durable-objects/market-hub/hub-baselines.ts";
import { MAX_FITTED_EVENTS } from "../src/hawkes/hawkes-fit.ts";
import { cascadeMoved } from "../src/webhooks/make-event.ts";
import { saveCascades } from "./d1/cascade-writes.ts";
import { addDeadLetters } from "./d1/dead-letters.ts";
import type { Env } from "./env.ts";
import { publishEvent } from "./webhooks/publish-event.ts";

/** One more than the Hawkes fit takes, so that it notices omitted older ones. */
const EVENT_TIMES = `
  SELECT exchange, event_time FROM liquidations
  WHERE symbol = ?1 AND position_side = ?2 AND coverage <> 'inferred' ORDER BY event_time DESC LIMIT ${MAX_FITTED_EVENTS + 1}`;

/** The dependencies of the hub on the rest of the Worker. */
export const hubDependencies: HubDependencies<Env> = {
  lagResolutionMs: (exchange) => exchanges[exchange].lagResolutionMs,
  async saveCascades(env, records) {
    const refused = await saveCascades(env.DB, records, Date.now());
    const dead = refused.map(({ record, reason }) => ({ record: record.cascade_id, reason, content: record }));
    await addDeadLetters(env.DB, "cascades", dead, Date.now());
  },
  publish: (env, transition, time) => publishEvent(env, configOf(env), cascadeMoved(transition, time)),
  addDeadLetter: (env, transition, time, reason) =>
    addDeadLetters(env.DB, "cascade_events", [{ record: cascadeMoved(transition, time).id, reason }], Date.now()),
  async eventTimes(env, symbol, side) {
    const { results } = await env.DB.prepare(EVENT_TIMES).bind(symbol, side).all<TimedEvent>();
    return results;
  },
};
