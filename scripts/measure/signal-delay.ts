import { parseConfig } from "../../src/config.ts";
import { SPIKE_WATCH_LIMITS, SpikeWatch, spikeWatchRule } from "../../src/signals/spike-watch.ts";
import type { SignalInput } from "../../src/signals/signal-input.ts";
import { DAY_MS, MINUTE_MS } from "../../src/windows/calendar.ts";
import { BTC_MODEL } from "../market-simulation/market-model.ts";
import { marketRows } from "../market-simulation/market-rows.ts";
import { simulateMarket } from "../market-simulation/simulate-market.ts";
import { TURNING, marketInputs } from "./fade-rule.ts";
import { START, runSpikeRule } from "./spike-rule.ts";

export interface SignalDelays {
  /** From the liquidation that made a spike to its decision, ms, ascending. */
  readonly asked: readonly number[];
  /** The same where every spike waits for the run of its minute. */
  readonly byMinute: readonly number[];
}

/** More bursts than on an ordinary day, so that few days hold many; each still begins after the cool-down of the one before. */
const MODEL = { ...BTC_MODEL, burstsPerDay: 12 };

/**
 * How long a spike waits for its decision, on a market with planted bursts. When it became one is found by judging after
 * every liquidation, at once. Escalations are left out: they are compared with what was decided, which is less where a
 * decision comes at once, so that their bars are not the same.
 */
export async function measureSignalDelay(seed: number, days = 10): Promise<SignalDelays> {
  const config = parseConfig({});
  const cooldown = config.LIQUIDATION_SIGNAL_COOLDOWN_MINUTES;
  const options = { seed, days, effect: "burst" as const, model: MODEL };
  // Whatever its rise.
  const rule = { ...spikeWatchRule(config), threshold: -1 };
  const everyEvent = new SpikeWatch(rule, { ...SPIKE_WATCH_LIMITS, collectMs: 0, spacingMs: 0, minNewShare: 0 });
  const possible = await runSpikeRule({ ...options, watch: everyEvent });
  const received = marketRows(possible.market)
    .map(({ received_time }) => received_time)
    .toSorted((one, other) => one - other);
  const asked = (await runSpikeRule(options)).spikes;
  const delays: number[] = [];
  const byMinute: number[] = [];
  const isEscalation = ({ minute }: SignalInput) =>
    [...possible.spikes, ...asked].some((one) => one.minute < minute && one.minute > minute - cooldown * MINUTE_MS);
  for (const spike of possible.spikes) {
    const { minute, known_time: judged } = spike;
    if (judged === minute || isEscalation(spike)) continue;
    // In the last seconds of a minute judging waits for the next: the spike was made by the liquidation before.
    const became = received.findLast((time) => time <= judged) ?? judged;
    const decided = asked.find(({ known_time }) => known_time >= became && known_time - became < 5 * MINUTE_MS);
    if (decided === undefined) continue;
    delays.push(decided.known_time - became);
    byMinute.push(minute - became);
  }
  return { asked: delays.toSorted((a, b) => a - b), byMinute: byMinute.toSorted((a, b) => a - b) };
}

/** How long the turn of a flush waits for its decision, against looking at it every half second, ms, ascending. */
export async function measureTurnDelay(seed: number, days = 8): Promise<readonly number[]> {
  const rule = spikeWatchRule(parseConfig({}));
  const market = simulateMarket({ seed, days, effect: "reversal", model: TURNING, startTime: START });
  const judged = { start: START + DAY_MS / 4, end: market.endTime };
  const turnsOf = async (limits: typeof SPIKE_WATCH_LIMITS) =>
    (await marketInputs(market, judged, {}, new SpikeWatch(rule, limits))).filter(({ trigger }) => trigger.kind === "turn");
  const followed = await turnsOf({ ...SPIKE_WATCH_LIMITS, spacingMs: 500, followMs: 500 });
  const asked = await turnsOf(SPIKE_WATCH_LIMITS);
  const delays = asked.flatMap(({ known_time: decided }) => {
    const turned = followed.findLast(({ known_time: time }) => time <= decided && time > decided - 5 * MINUTE_MS);
    return turned === undefined ? [] : [decided - turned.known_time];
  });
  return delays.toSorted((a, b) => a - b);
}
