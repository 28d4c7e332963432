import { DAY_MS, SECOND_MS } from "../../src/windows/calendar.ts";
import { createRandom } from "../simulator/random.ts";
import { hourMedians } from "./hour-medians.ts";
import type { MarketModel } from "./market-model.ts";
import { type PlantedEpisode, type PlantedEvent, plantEpisode } from "./planted-episode.ts";
import { published } from "./published-events.ts";
import { SecondBySecond } from "./second-by-second.ts";
import type { SimulatedEvent, SimulationOptions } from "./simulated-event.ts";

export interface SimulatedMarket {
  readonly model: MarketModel;
  readonly startTime: number;
  readonly endTime: number;
  /** What the venues published, in order of time. */
  readonly events: readonly SimulatedEvent[];
  /** The market's mark price at the end of each second. */
  readonly marks: Float64Array;
  readonly planted: readonly PlantedEpisode[];
}

/**
 * A market of one base asset over whole days, the same for the same options. Flow is a self-exciting process (Hawkes 1971)
 * per side whose base rate drifts, follows the hour of the week and falls as leverage is liquidated; volatility drifts
 * with it. Effects: `EFFECTS`.
 */
export function simulateMarket(options: SimulationOptions): SimulatedMarket {
  const { startTime, days, model, effect, seed } = options;
  const seconds = (days * DAY_MS) / SECOND_MS;
  const path = new SecondBySecond(options);
  const marks = new Float64Array(seconds);
  const events: SimulatedEvent[] = [];
  for (let second = 0; second < seconds; second += 1) {
    path.step(events);
    marks[second] = path.mark;
  }
  const planted = [...path.planted];
  if (effect === "burst") {
    const bursts = plantBursts(options, events);
    planted.push(...bursts.episodes);
    for (const event of bursts.events) events.push({ ...event, ...path.stateAt(event.time) });
  }
  const happened = events.toSorted((a, b) => a.time - b.time);
  const reported = options.isComplete === true ? happened : published(happened, model, createRandom(seed, "published"));
  return { model, startTime, endTime: startTime + days * DAY_MS, events: reported, marks, planted };
}

/** A burst has five times the median of the 15-minute windows of its hour, over both sides. */
const BURST_MEDIANS = 5;

function plantBursts({ seed, days, startTime, model }: SimulationOptions, events: readonly SimulatedEvent[]) {
  const random = createRandom(seed, "bursts");
  const medians = hourMedians(events);
  const spacing = DAY_MS / model.burstsPerDay;
  const episodes: PlantedEpisode[] = [];
  const planted: PlantedEvent[] = [];
  for (let start = startTime; start + spacing <= startTime + days * DAY_MS; start += spacing) {
    // Never within an hour of the next one.
    const time = Math.round(start + random.uniform() * (spacing * 0.7));
    const burst = plantEpisode(
      {
        kind: "burst",
        startTime: time,
        durationMs: 60_000 + random.integer(120_000),
        usd: BURST_MEDIANS * medians(time),
        events: 20 + random.integer(40),
        move: 0,
      },
      model,
      random,
    );
    episodes.push(burst.episode);
    planted.push(...burst.events);
  }
  return { episodes, events: planted };
}
