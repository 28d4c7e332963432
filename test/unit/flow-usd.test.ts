import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { FLOW_USD_SQL, flowUsd } from "../../src/flow-usd.ts";

test.each([
  [{ usd_value: 100, notional_mark_usd: 103 }, 103],
  [{ usd_value: 100, notional_mark_usd: null }, 100],
  [{ usd_value: null, notional_mark_usd: 103 }, 103],
  [{ usd_value: 100, notional_mark_usd: 0 }, 0],
  [{ usd_value: null, notional_mark_usd: null }, null],
])("the flow USD of %o is %s, in TypeScript and in SQL", (row, expected) => {
  expect(flowUsd(row)).toBe(expected);
  const found = new DatabaseSync(":memory:")
    .prepare(`SELECT ${FLOW_USD_SQL} AS usd FROM (SELECT ? AS usd_value, ? AS notional_mark_usd)`)
    .get(row.usd_value, row.notional_mark_usd);
  expect(found?.["usd"]).toBe(expected);
});
