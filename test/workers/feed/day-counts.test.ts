import { abortAllDurableObjects, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { feedObjectName } from "../../../src/feed-objects.ts";
import { Journal } from "../../../durable-objects/exchange-feed/journal/journal.ts";
import { parseConfig } from "../../../src/config.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { feedOf } from "../../../workers/feeds.ts";
import { DAY, sampleLiquidation } from "../sample-liquidation.ts";
import { VenueStorage } from "../../../durable-objects/exchange-feed/venue-storage.ts";
import { storeJournal } from "./store-journal.ts";

const LATER = DAY + 6 * HOUR_MS;

test("a feed counts the rows of a day by the time of the event, and what each store took and refused, for good", async () => {
  const config = parseConfig({ ...env });
  const open = () => feedOf(env, config, "okx");
  expect(await env.EXCHANGE_FEED.getByName("never-watched").countsOfDay("okx", "2026-11-20"), "a feed that never ran").toBeNull();

  await open().watch(feedObjectName("okx", config), "okx");
  await runInDurableObject(open(), (_object, { storage }) => {
    const journal = new Journal(new VenueStorage(storage));
    const times = [DAY - 1, DAY, DAY + HOUR_MS, DAY + 23 * HOUR_MS, DAY + 24 * HOUR_MS];
    const rows = times.map((event_time, index) =>
      sampleLiquidation({ event_id: `${index}`, exchange: "okx", event_time, coverage: index === 2 ? "inferred" : "all_reported" }),
    );
    for (const row of rows) journal.append(row);
    // An empty row is one that a journal took and no store accepts.
    journal.append(sampleLiquidation({ event_id: "odd", exchange: "okx", event_time: DAY, adapter_version: 0.5 }));
    journal.seal(LATER, { settledBefore: LATER, minRows: 1, maxRows: 4 }, () => []);
    journal.seal(LATER, { settledBefore: LATER, minRows: 1, maxRows: 4 }, () => []);
  });
  await abortAllDurableObjects();
  await open().watch(feedObjectName("okx", config), "okx");
  await storeJournal("okx");

  const stored = { stored: 3, refused: 1 };
  expect(await open().countsOfDay("okx", "2026-11-20")).toMatchObject({ rows: 4, inferred: 1, stores: { r2: stored, d1: stored } });
  expect(await open().countsOfDay("okx", "2026-11-19")).toMatchObject({ rows: 1, inferred: 0, stores: { r2: { stored: 1, refused: 0 } } });
  expect(await open().countsOfDay("okx", "2026-11-18")).toMatchObject({ rows: 0, inferred: 0, stores: {} });
});
