import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { feedObjectName } from "../../../src/feed-objects.ts";
import { parseConfig } from "../../../src/config.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { feedOf } from "../../../workers/feeds.ts";
import { until } from "../until.ts";

/**
 * Has the Worker's feed of a venue beat until R2 and D1 have all that its journal has sealed. A single beat may do nothing: it
 * leaves the work to one that the object has begun by itself.
 */
export async function storeJournal(exchange: ExchangeName): Promise<void> {
  const config = parseConfig({ ...env });
  const feed = feedOf(env, config, exchange);
  await until(`the stores have the journal of ${exchange}`, async () => {
    await runInDurableObject(feed, (object) => object.alarm());
    const { sinks } = await feed.watch(feedObjectName(exchange, config), exchange);
    return sinks.r2.backlog_batches === 0 && sinks.d1.backlog_batches === 0;
  });
}
