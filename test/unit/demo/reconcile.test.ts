import { expect, test } from "vitest";
import { isWhole, reconcile } from "../../../scripts/demo/reconcile.ts";
import type { StoredRow } from "../../../scripts/demo/stored-rows.ts";
import type { LedgerEvent } from "../../../scripts/simulator/ledger.ts";

const RUN_START = 2_000_000;

function sent(time: number, changes: Partial<LedgerEvent> = {}): LedgerEvent {
  const event = {
    exchange: "bybit",
    key: `${time}`,
    instrument: "BTCUSDT",
    symbol: "BTC",
    position_side: "long",
    event_time: time,
  } as const;
  return {
    ...event,
    quantity: 1,
    price: 5,
    usd_value: 5,
    in_history: false,
    published_time: time + 100,
    sent_time: time + 100,
    times_sent: 1,
    ...changes,
  };
}

function stored(time: number, changes: Partial<StoredRow> = {}): StoredRow {
  const row = { event_id: `id-${time}`, exchange: "bybit", instrument: "BTCUSDT", position_side: "long", event_time: time };
  return { ...row, received_time: time + 100, quantity: 1, usd_value: 5, ...changes };
}

test("each liquidation sent is in the store once", () => {
  const result = reconcile("d1", [sent(2_000_100), sent(2_000_200)], [stored(2_000_200), stored(2_000_100)], RUN_START);
  expect(result).toEqual({ store: "d1", before: 0, stored: 2, missing: [], surplus: [] });
  expect(isWhole(result)).toBe(true);
});

function storedOrder(id: string, quantity: number): StoredRow {
  return stored(2_000_107, { exchange: "bitmex", instrument: "XBTUSD", event_id: `bitmex:XBTUSD:${id}`, quantity });
}

test("orders of BitMEX, which has no times, are matched by their ids and sizes", () => {
  const order = (id: string, quantity: number) => sent(2_000_100, { exchange: "bitmex", instrument: "XBTUSD", key: `${id}|0`, quantity });
  const ledger = [order("a", 1), sent(2_000_300, { exchange: "bitmex", instrument: "XBTUSD", key: "a|1", quantity: 2 }), order("b", 1)];
  expect(isWhole(reconcile("d1", ledger, [storedOrder("a", 1), storedOrder("a:1:3", 2), storedOrder("b", 1)], RUN_START))).toBe(true);
  expect(reconcile("d1", ledger, [storedOrder("a", 1), storedOrder("a:1:3", 2), storedOrder("c", 1)], RUN_START)).toMatchObject({
    missing: [expect.stringContaining("bitmex XBTUSD long b")],
    surplus: ["bitmex:XBTUSD:c"],
  });
});

test("what an earlier run or a history stored is counted apart", () => {
  const rows = [stored(1_000_000), stored(1_500_000), stored(2_000_100)];
  expect(reconcile("d1", [sent(2_000_100)], rows, RUN_START)).toMatchObject({ before: 2, stored: 1, missing: [], surplus: [] });
});

test("a row that was lost, doubled or never sent makes the run fail", () => {
  const ledger = [sent(2_000_100), sent(2_000_200)];
  const lost = reconcile("r2", ledger, [stored(2_000_100)], RUN_START);
  expect(lost.missing).toHaveLength(1);
  const doubled = reconcile("r2", ledger, [stored(2_000_100), stored(2_000_100), stored(2_000_200)], RUN_START);
  expect(doubled.surplus).toEqual(["id-2000100"]);
  const strange = reconcile("r2", ledger, [stored(2_000_100), stored(2_000_200), stored(2_000_300)], RUN_START);
  expect(strange.surplus).toEqual(["id-2000300"]);
  expect([lost, doubled, strange].some(isWhole)).toBe(false);
});

test("an event that no socket received is not owed, but may come from a venue's history", () => {
  const unreceived = sent(2_000_100, { sent_time: null, in_history: true });
  expect(isWhole(reconcile("d1", [unreceived], [], RUN_START))).toBe(true);
  expect(isWhole(reconcile("d1", [unreceived], [stored(2_000_100)], RUN_START))).toBe(true);
});
