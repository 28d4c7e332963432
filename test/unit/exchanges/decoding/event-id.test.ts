import { describe, expect, test } from "vitest";
import { distinctInFrame, eventId } from "../../../../src/exchanges/decoding/event-id.ts";

describe("event id", () => {
  test("names the venue's own fields", () => {
    expect(eventId("okx", "BTC-USDT-SWAP", 1791565462608, "long", 12.5, 82655.7)).toBe("okx:BTC-USDT-SWAP:1791565462608:long:12.5:82655.7");
  });

  test("is the same for another spelling of the same number", () => {
    const one = eventId("binance", "BTCUSDT", 1, "SELL", Number("1.500"), Number("100.0"));
    expect(one).toBe(eventId("binance", "BTCUSDT", 1, "SELL", Number("1.5"), Number("100")));
  });

  test("differs where a field differs, and where a number is missing", () => {
    const ids = [
      eventId("binance", "BTCUSDT", 1, "SELL", 2, 3),
      eventId("bybit", "BTCUSDT", 1, "SELL", 2, 3),
      eventId("binance", "ETHUSDT", 1, "SELL", 2, 3),
      eventId("binance", "BTCUSDT", 2, "SELL", 2, 3),
      eventId("binance", "BTCUSDT", 1, "BUY", 2, 3),
      eventId("binance", "BTCUSDT", 1, "SELL", 3, 2),
      eventId("binance", "BTCUSDT", 1, "SELL", 2, null),
      eventId("binance", "BTCUSDT", 1, "SELL", null, 2),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});

function idsOfOneFrame(ids: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return ids.map((id) => distinctInFrame(id, seen));
}

test("identical twins of one frame are numbered from the second on, the same way when the frame comes again", () => {
  const ids = ["a", "b", "a", "a", "b"];
  expect(idsOfOneFrame(ids)).toEqual(["a", "b", "a:1", "a:2", "b:1"]);
  expect(idsOfOneFrame(ids)).toEqual(idsOfOneFrame(ids));
});
