import { expect, test } from "vitest";
import type { CascadeRecord } from "../../../src/cascade/cascade-record.ts";
import { type RunningFilter, withRunning } from "../../../dashboard/src/screens/cascades/with-running.ts";

const filter: RunningFilter = { symbol: null, side: null, minUsd: 1_000_000, cursor: null };
const cascade = (id: string, usd: number) =>
  ({ cascade_id: id, usd, start_time: 0, symbol: "BTC", position_side: "long" }) as CascadeRecord;

test("a running cascade passes the same minimum as those of the API", () => {
  const rows = withRunning([], [cascade("small", 999_999), cascade("large", 1_000_000)], filter);
  expect(rows.map(({ cascade_id: id }) => id)).toEqual(["large"]);
});
