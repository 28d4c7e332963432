import { SideBaseline } from "../../src/quantiles/side-baseline.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { createRandom } from "../simulator/random.ts";
import { table } from "../table.ts";
import { memoryUsed } from "./memory-used.ts";

const ASSETS = 400;
const SIDES = 2 * ASSETS;
const MINUTES = (7 * DAY_MS) / MINUTE_MS;
const START = Date.UTC(2026, 10, 1);
/** Shares of the hours in which a side has any liquidation. */
const BUSY_SHARES: readonly number[] = [0, 0.1, 0.3, 1];

/**
 * What the hub's baselines of a week hold in memory with `LIQUIDATION_SYMBOLS=*`, by how busy the base assets are. In a
 * busy hour a liquidation comes every ten minutes, so that nearly every sample of it is of another size.
 */
export async function benchBaselines(print: (line: string) => void): Promise<void> {
  const rows = BUSY_SHARES.map((share) => {
    const before = memoryUsed();
    const sides = Array.from({ length: SIDES }, (_, side) => weekOf(side, share));
    // What reads the sketches must not make them larger.
    for (const side of sides) side.velocityQuantile(0.99);
    const bytes = memoryUsed() - before;
    return [`${share * 100} %`, String(sides.length), (bytes / 1e6).toFixed(1), (bytes / SIDES / 1e3).toFixed(1)];
  });
  print(`Baselines of ${ASSETS} base assets, both sides, over seven days: memory after a collection`);
  print(table(["hours with liquidations", "sides", "MB", "kB per side"], rows));
}

function weekOf(side: number, busyShare: number): SideBaseline {
  const { chance, uniform } = createRandom(side, "baselines");
  const past = new SideBaseline("X");
  let [isBusy, usd] = [false, 0];
  for (let minute = 0; minute < MINUTES; minute += 1) {
    if (minute % 60 === 0) isBusy = chance(busyShare);
    const isLiquidated = isBusy && chance(0.1);
    usd = isLiquidated ? 10 ** (1 + 5 * uniform()) : usd / 2;
    if (usd < 1) usd = 0;
    past.sample(usd / 300, START + minute * MINUTE_MS);
    if (isLiquidated) past.noteEvent(usd / 300, 1, START + minute * MINUTE_MS);
  }
  return past;
}
