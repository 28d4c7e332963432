import type { Config } from "../../src/config.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { type FeedObservation, type FeedOutage, compareFeedHealth } from "../../src/webhooks/feed-health.ts";
import { addDeadLetters } from "../d1/dead-letters.ts";
import type { Env } from "../env.ts";
import type { FeedReport } from "../feeds.ts";
import { publishEvent } from "./publish-event.ts";

/**
 * Publishes `feed.degraded` and `feed.recovered` from the states in a watchdog run. The outages are stored after
 * publishing: a run that is interrupted publishes the same again, under the same ids.
 */
export async function announceFeedHealth(
  env: Env,
  config: Config,
  reports: readonly FeedReport[],
  scheduledTime: number,
): Promise<{ readonly published: readonly string[] }> {
  const known = await readOutages(env.DB);
  const { events, outages } = compareFeedHealth(
    known,
    reports.map((report) => observed(report, scheduledTime)),
    scheduledTime,
  );
  const failed = await Promise.all(
    events.map(async (event) => {
      const outcome = await publishEvent(env, config, event);
      return outcome.kind === "queued" ? [] : [{ record: event.id, reason: outcome.reason }];
    }),
  );
  await addDeadLetters(env.DB, "feed_events", failed.flat(), scheduledTime);
  if (JSON.stringify(known) !== JSON.stringify(outages)) await writeOutages(env.DB, outages);
  return { published: events.map((event) => event.id) };
}

function observed({ exchange, status, error }: FeedReport, scheduledTime: number): FeedObservation {
  if (status === null) return { exchange, state: "unreachable", since: scheduledTime, error };
  const lastError = status.sockets.find((socket) => socket.state !== "live" && socket.last_error !== null)?.last_error ?? null;
  // A feed without a socket has no error of one, but a warning that says why.
  const warning = status.state === "off" ? (status.warnings.at(-1) ?? null) : null;
  return { exchange, state: status.state, since: status.since, error: status.storage_error ?? lastError ?? warning };
}

/** The outages that have lasted for 60 s. */
export async function announcedOutages(db: D1Database): Promise<readonly FeedOutage[]> {
  return (await readOutages(db)).filter(({ announced }) => announced);
}

async function readOutages(db: D1Database): Promise<readonly FeedOutage[]> {
  const { results } = await db
    .prepare("SELECT exchange, since, announced FROM feed_outages ORDER BY exchange")
    .all<{ exchange: ExchangeName; since: number; announced: number }>();
  return results.map((row) => ({ exchange: row.exchange, since: row.since, announced: row.announced === 1 }));
}

async function writeOutages(db: D1Database, outages: readonly FeedOutage[]): Promise<void> {
  const insert = db.prepare("INSERT INTO feed_outages (exchange, since, announced) VALUES (?, ?, ?)");
  await db.batch([
    db.prepare("DELETE FROM feed_outages"),
    ...outages.map(({ exchange, since, announced }) => insert.bind(exchange, since, announced ? 1 : 0)),
  ]);
}
