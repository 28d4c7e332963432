import { expect, test } from "vitest";
import { startVenues } from "../../../scripts/simulator/start-venues.ts";

/** The venues whose trades or orders have ids; those of the others are made of all that is known of a liquidation, with its time. */
const WITH_IDS = ["deribit", "bitmex", "lighter", "kucoin"] as const;
const START = Date.UTC(2026, 10, 22, 12, 0, 0);
const RUN_MS = 10_000;

/** The ids in one run of the simulator, by venue. */
async function idsOf(startTime: number): Promise<readonly (readonly string[])[]> {
  let time = startTime;
  const venues = await startVenues({ rate: 200, clock: () => time });
  // The market has none on KuCoin, whose trades they are inferred from.
  venues.kucoin.liquidate({ symbol: "BTC", side: "long", usd: 10_000 });
  for (; time < startTime + RUN_MS; time += 10) venues.run();
  const ids = WITH_IDS.map((name) => venues[name].ledger().map(({ key }) => key));
  await venues.stop();
  return ids;
}

test("venues that are started again with the same seed give no liquidation the id of an earlier one", async () => {
  const before = await idsOf(START);
  const after = await idsOf(START + 2 * RUN_MS);
  expect(before.every((ids) => ids.length > 0)).toBe(true);
  for (const [index, ids] of before.entries()) expect(ids.filter((id) => after[index]?.includes(id))).toEqual([]);
});
