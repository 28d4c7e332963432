import { expect, test } from "vitest";
import { missedFrom } from "../../../dashboard/src/store/missed.ts";

test("what was missed is asked for newest first and with what was inferred, as the stream sends it", () => {
  const request = "/v1/liquidations?symbol=BTC&start=1000&end=5000&order=asc";
  const { query, text } = missedFrom({ type: "gap", id: "7", from_time: 1_000, to_time: 5_000, request });
  expect(query).toEqual({ symbol: "BTC", start: 1_000, end: 5_000, order: "desc", limit: 1_000, include: "inferred" });
  expect(text).toContain("4 s");
});
