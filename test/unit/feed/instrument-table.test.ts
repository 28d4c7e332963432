import { describe, expect, test } from "vitest";
import { InstrumentTable } from "../../../durable-objects/exchange-feed/instrument-table.ts";
import type { Exchange, Instrument, Scope } from "../../../src/exchanges/exchange.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";

const NOW = 1_795_000_000_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function contracts(count: number, trading = true): readonly Instrument[] {
  return Array.from({ length: count }, (_, index) => ({
    instrument: `C${index}USDT`,
    symbol: `C${index}`,
    quote: "USDT",
    scale: 1,
    contract: { kind: "base", size: 1 },
    trading,
  }));
}

/** A table of a venue whose answer the test sets, and the memory that a restart keeps. */
function openTable(symbols: Scope["symbols"] = "*", kept = new Map<string, string>()) {
  let answered: readonly Instrument[] = [];
  const exchange: Exchange = { ...exchanges.binance, loadInstruments: async () => answered };
  const memory = {
    read: (key: string): unknown => JSON.parse(kept.get(key) ?? "null") ?? undefined,
    write: (key: string, value: unknown) => void kept.set(key, JSON.stringify(value)),
  };
  const table = new InstrumentTable(exchange, { symbols }, memory);
  const refresh = (answer: readonly Instrument[], now: number) => {
    answered = answer;
    return table.refresh(
      async () => null,
      exchange.endpoints,
      now,
      () => undefined,
    );
  };
  const names = () => [...table.scope().instruments.keys()];
  return { table, refresh, names, kept };
}

describe("a venue's table", () => {
  test("replaces the built-in contracts, which never outlive a table that lacks them", async () => {
    const { table, refresh, names } = openTable();
    expect(names()).toContain("BTCUSDT");
    expect(await refresh(contracts(3), NOW)).toBe(true);
    expect(names()).toEqual(["C0USDT", "C1USDT", "C2USDT"]);
    expect([table.isDue(NOW + DAY_MS - 1), table.isDue(NOW + DAY_MS), table.warning]).toEqual([false, true, null]);
  });

  test("keeps built-in contracts that it lists, for the control stream, beside the configured symbols", async () => {
    const { refresh, names } = openTable(new Set(["C1"]));
    const btc = exchanges.binance.fallbackInstruments.filter(({ instrument }) => instrument === "BTCUSDT");
    await refresh([...contracts(3), ...btc], NOW);
    expect(names()).toEqual(["BTCUSDT", "C1USDT"]);
  });

  test.each([
    ["nothing is trading", contracts(10, false), "none of its contracts is trading"],
    ["more than half is gone", contracts(4), "only 4 contracts of 10 are trading"],
    ["nothing is left", contracts(0), "it is empty"],
  ])("in which %s is not believed: the old one stays, and the venue is asked within minutes", async (_, answer, reason) => {
    const { table, refresh, names } = openTable();
    await refresh(contracts(10), NOW);
    expect(await refresh(answer, NOW + DAY_MS)).toBe(false);
    expect(names()).toHaveLength(10);
    expect(table.isDue(NOW + DAY_MS + 5 * MINUTE_MS)).toBe(true);
    expect(table.warning).toContain(reason);
    expect(await refresh(contracts(9), NOW + DAY_MS + 5 * MINUTE_MS)).toBe(true);
    expect([names().length, table.warning]).toEqual([9, null]);
  });

  test("of a halt that is the first one read leaves the built-in contracts", async () => {
    const { refresh, names, table } = openTable();
    expect(await refresh(contracts(10, false), NOW)).toBe(false);
    expect(names()).toContain("BTCUSDT");
    expect(table.warning).toContain("the built-in contracts are used");
  });

  test("that shrank is believed once the venue has said so for a day, over restarts; one of a halt never is", async () => {
    const first = openTable();
    await first.refresh(contracts(10), NOW);
    await first.refresh(contracts(4), NOW + DAY_MS);
    const restarted = openTable("*", first.kept);
    expect(restarted.table.isDue(NOW + DAY_MS)).toBe(true);
    expect(await restarted.refresh(contracts(4), NOW + 2 * DAY_MS - 1)).toBe(false);
    expect(await restarted.refresh(contracts(0), NOW + 2 * DAY_MS)).toBe(false);
    expect(await restarted.refresh(contracts(4), NOW + 2 * DAY_MS)).toBe(true);
    expect(restarted.names()).toHaveLength(4);
  });

  test("that was chosen for other symbols is asked for again at once", async () => {
    const first = openTable(new Set(["C1"]));
    await first.refresh(contracts(3), NOW);
    expect(openTable(new Set(["C1"]), first.kept).table.isDue(NOW + 1)).toBe(false);
    expect(openTable(new Set(["C1", "C2"]), first.kept).table.isDue(NOW + 1)).toBe(true);
    expect(openTable("*", first.kept).table.isDue(NOW + 1)).toBe(true);
  });
});
