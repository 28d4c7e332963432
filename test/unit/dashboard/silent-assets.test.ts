import { expect, test } from "vitest";
import { type SilenceNews, silentAssets, silentAssetText } from "../../../dashboard/src/store/silent-assets.ts";

const TIME = Date.UTC(2026, 10, 29, 9);

function status(...suspect: readonly string[]) {
  const assets = ["BTC", "ETH"].map((symbol) => {
    const isSuspect = suspect.includes(symbol);
    return { symbol, state: isSuspect ? "suspect" : "watched", silent_since: isSuspect ? TIME - 60_000 : null };
  });
  return { time: TIME, silence: [{ exchange: "okx", assets }] };
}

function news(time: number, symbol: string | null, clearedTime: number | null): SilenceNews {
  const known = { silent_minutes: 9, silence_probability: 0.0005, others_events: 40, cleared_reason: null };
  const record = { exchange: "okx", symbol, since: TIME - 120_000, suspect_time: TIME, cleared_time: clearedTime, ...known } as const;
  return { time, record };
}

const names = (...of: Parameters<typeof silentAssets>) => silentAssets(...of).map(({ symbol }) => symbol);

test("the silent base assets of a venue are those of the status, with what the stream said later of each", () => {
  expect(names("okx", status("BTC"), [])).toEqual(["BTC"]);
  expect(names("okx", status("BTC"), [news(TIME + 1, "BTC", TIME + 1)])).toEqual([]);
  expect(names("okx", status("BTC"), [news(TIME + 1, "ETH", null)])).toEqual(["ETH", "BTC"]);
  expect(names("okx", status("BTC"), [news(TIME + 1, "ETH", null), news(TIME + 2, "ETH", TIME + 2)])).toEqual(["BTC"]);
});

test("news from before the status, of a whole venue or of another venue say nothing of its base assets", () => {
  expect(names("okx", status("BTC"), [news(TIME - 1, "BTC", TIME - 1), news(TIME - 1, "ETH", null)])).toEqual(["BTC"]);
  expect(names("okx", status(), [news(TIME + 1, null, null)])).toEqual([]);
  expect(names("bybit", status("BTC"), [news(TIME + 1, "BTC", null)])).toEqual([]);
  expect(names("okx", null, [news(TIME, "BTC", null)])).toEqual(["BTC"]);
  expect(silentAssetText({ symbol: "BTC", since: TIME })).toContain("No liquidation of BTC since 2026-11-29");
});
