import { expect, test } from "vitest";
import { accountFor, type Circumstances } from "../../../scripts/demo/reconcile-gaps.ts";
import type { StoredRow } from "../../../scripts/demo/stored-rows.ts";
import type { LedgerEvent } from "../../../scripts/simulator/ledger.ts";
import type { Gap } from "../../../src/gap.ts";

const T0 = 1_795_000_000_000;
const CIRCUMSTANCES: Circumstances = {
  publishedAt: ({ published_time: published, event_time: time }) => published ?? time,
  isWithheld: () => false,
};
const GAP: Gap = { exchange: "okx", from_time: T0 + 10_000, to_time: T0 + 20_000, reason: "disconnected" };

function event(time: number, changes: Partial<LedgerEvent> = {}): LedgerEvent {
  const of = { exchange: "okx", instrument: "BTC-USDT-SWAP", symbol: "BTC", position_side: "long" } as const;
  const times = { event_time: time, published_time: time + 100, sent_time: time + 100, times_sent: 1 };
  return { ...of, ...times, key: `${time}`, quantity: 1, price: 5, usd_value: 5, in_history: false, ...changes };
}

function row({ exchange, instrument, position_side, event_time, quantity, usd_value }: LedgerEvent, id = `${event_time}`): StoredRow {
  return { event_id: id, exchange, instrument, position_side, event_time, received_time: event_time, quantity, usd_value };
}

function account(
  ledger: readonly LedgerEvent[],
  stores: Readonly<Record<string, readonly StoredRow[]>>,
  changes: Partial<Circumstances> = {},
) {
  const { whole, inGaps, ahead, withheld, lost, partial, surplus } = accountFor("okx", ledger, stores, [GAP], {
    ...CIRCUMSTANCES,
    ...changes,
  });
  return { whole, inGaps, ahead, withheld, lost: lost.length, partial: partial.length, surplus: surplus.length };
}

const NONE = { whole: 0, inGaps: 0, ahead: 0, withheld: 0, lost: 0, partial: 0, surplus: 0 };

test("a liquidation is in every store once, or it is partial, in a gap or lost", () => {
  const [stored, half, gap, lost] = [event(T0), event(T0 + 1), event(T0 + 15_000), event(T0 + 2)];
  const stores = { r2: [row(stored), row(half)], d1: [row(stored)] };
  expect(account([stored, half, gap, lost], stores)).toEqual({ ...NONE, whole: 1, partial: 1, inGaps: 1, lost: 1 });
});

test("what nobody was subscribed to is owed too, unless a gap says so", () => {
  const unsent = { sent_time: null, times_sent: 0 };
  expect(account([event(T0, unsent), event(T0 + 12_000, unsent)], { r2: [] })).toEqual({ ...NONE, lost: 1, inGaps: 1 });
  expect(account([event(T0, unsent)], { r2: [] }, { isWithheld: () => true })).toEqual({ ...NONE, withheld: 1 });
});

test("the gap of a single contract covers that contract alone", () => {
  const gap = { ...GAP, reason: "not_subscribed", contract: "BTC-USDT-SWAP" } as const;
  const other = event(T0 + 12_000, { instrument: "ETH-USDT-SWAP" });
  const { inGaps, lost } = accountFor("okx", [event(T0 + 12_000), other], { r2: [] }, [gap], CIRCUMSTANCES);
  expect([inGaps, lost]).toEqual([1, [other]]);
});

test("rows that were doubled or never published are surplus, and twins are not", () => {
  const twins = [event(T0), event(T0, { key: "twin" })];
  const rows = [row(event(T0)), row(event(T0), "twin")];
  expect(account(twins, { r2: rows })).toEqual({ ...NONE, whole: 2 });
  expect(account([event(T0)], { r2: [...rows, row(event(T0 + 5))] })).toEqual({ ...NONE, whole: 1, surplus: 2 });
});

test("an event more than a minute ahead of its publication is refused, and not owed", () => {
  expect(account([event(T0 + 600_000, { published_time: T0 })], { r2: [] })).toEqual({ ...NONE, ahead: 1 });
});
