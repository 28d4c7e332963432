import type { ExchangeName, PositionSide } from "../../src/liquidation.ts";
import type { Random } from "../simulator/random.ts";
import type { MarketModel } from "./market-model.ts";

/** What was planted: the truth that a rule is held against. Times in ms. */
export interface PlantedEpisode {
  readonly kind: "burst" | "flush";
  readonly side: PositionSide;
  readonly startTime: number;
  readonly endTime: number;
  readonly usd: number;
  readonly events: number;
  readonly firstExchange: ExchangeName;
  /** From the first venue's first event to the first of each other venue, ms. */
  readonly lagsMs: Readonly<Partial<Record<ExchangeName, number>>>;
  /** The planned move of a flush in its own direction, as a log return without sign; 0 for a burst. */
  readonly move: number;
}

export interface PlantedEvent {
  readonly time: number;
  readonly exchange: ExchangeName;
  readonly side: PositionSide;
  readonly usd: number;
}

export interface EpisodePlan {
  readonly kind: PlantedEpisode["kind"];
  readonly startTime: number;
  readonly durationMs: number;
  readonly usd: number;
  readonly events: number;
  readonly move: number;
}

/** Followers begin this long after the leader. */
const LAG_MS = { min: 1_500, spread: 6_000 };

/** Draws side, venues and liquidations of an episode; on each venue the first one comes exactly at its lag. */
export function plantEpisode(plan: EpisodePlan, model: MarketModel, random: Random): { episode: PlantedEpisode; events: PlantedEvent[] } {
  const { kind, startTime, durationMs, usd, move } = plan;
  const side = random.chance(0.5) ? "long" : "short";
  const venues = model.venues.filter(({ share }) => share >= 0.1);
  const leader = random.weighted(venues.map((venue) => [venue.exchange, venue.share] as const));
  const lags = venues.map(({ exchange, share }) => {
    return { exchange, share, lagMs: exchange === leader ? 0 : LAG_MS.min + random.integer(LAG_MS.spread) };
  });
  const drawn = lags.flatMap(({ exchange, share, lagMs }) =>
    Array.from({ length: Math.max(2, Math.round(plan.events * share)) }, (_, index) => {
      // Most of a flush comes at its beginning.
      const progress = index === 0 ? 0 : random.uniform() ** 2;
      const time = Math.round(startTime + lagMs + progress * (durationMs - lagMs));
      return { time, exchange, side, weight: Math.exp(1.25 * random.normal()) } as const;
    }),
  );
  const whole = drawn.reduce((sum, { weight }) => sum + weight, 0);
  const events = drawn.map(({ weight, ...event }) => ({ ...event, usd: (usd * weight) / whole })).toSorted((a, b) => a.time - b.time);
  const lagsMs = Object.fromEntries(lags.map(({ exchange, lagMs }) => [exchange, lagMs]));
  const endTime = events.at(-1)?.time ?? startTime;
  return { episode: { kind, side, startTime, endTime, usd, events: events.length, firstExchange: leader, lagsMs, move }, events };
}
