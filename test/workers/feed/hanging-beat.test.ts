import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { ExchangeFeedObject } from "../../../durable-objects/exchange-feed/exchange-feed.ts";
import { Feed } from "../../../durable-objects/exchange-feed/feed.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { MINUTE_MS } from "../../../src/windows/calendar.ts";
import type { Env } from "../../../workers/env.ts";
import { storeUsage } from "../../../workers/usage/platform-usage.ts";

const HOST = "okx@1";
const HANGING_DB = { prepare: () => ({ bind: () => ({ run: () => new Promise(() => {}) }) }) } as unknown as D1Database;

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** An object with one venue, whose feed does nothing by itself, and what the object was aborted with. */
function withObject(
  name: string,
  store: () => Promise<void>,
  run: (object: ExchangeFeedObject<Env>, aborted: readonly string[], state: DurableObjectState) => Promise<void>,
): Promise<void> {
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(Feed.prototype, "start").mockImplementation(() => Promise.resolve());
  return runInDurableObject(env.EXCHANGE_FEED.getByName(name), async (_object, state) => {
    const aborted: string[] = [];
    vi.spyOn(state, "abort").mockImplementation((reason) => void aborted.push(String(reason)));
    const bindings = { ...env, LIQUIDATION_EXCHANGES: "okx" };
    const object = new ExchangeFeedObject<Env>(state, bindings as Env, { exchanges, sinks: [], storeUsage: store });
    await object.watch(HOST, "okx");
    await run(object, aborted, state);
  });
}

test("where the work of a venue hangs for five minutes, the object starts afresh", async () => {
  const hanging = Promise.withResolvers<void>();
  vi.spyOn(Feed.prototype, "beat").mockReturnValue(hanging.promise);
  await withObject(
    "hanging-beat",
    () => Promise.resolve(),
    async (object, aborted) => {
      const began = Date.now();
      const first = object.alarm();
      vi.useFakeTimers({ toFake: ["Date"], now: began + 4 * MINUTE_MS });
      await object.alarm();
      expect(aborted).toEqual([]);
      vi.setSystemTime(began + 6 * MINUTE_MS);
      await object.alarm();
      await vi.waitFor(() => expect(aborted).toEqual([expect.stringContaining("the work of okx did not end within 5 minutes")]));
      hanging.resolve();
      await first;
    },
  );
});

test("a database that hangs does not keep an object from its next alarm", async () => {
  vi.spyOn(Feed.prototype, "beat").mockImplementation(() => Promise.resolve());
  await withObject(
    "hanging-usage",
    () => storeUsage(HANGING_DB, Date.now(), 0),
    async (object, _aborted, state) => {
      await state.storage.deleteAlarm();
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      const alarm = object.alarm();
      await vi.advanceTimersByTimeAsync(10_000);
      await alarm;
      expect(await state.storage.getAlarm()).not.toBeNull();
    },
  );
});
