/** The median liquidation of a symbol and side in the past. */
export interface UsualFlow {
  /** USD/s. */
  readonly medianVelocity: number;
  readonly medianEvents1m: number;
}

export interface ScoreInput {
  readonly velocity: number;
  readonly events1m: number;
}

/** How much the number of liquidations counts beside the velocity, in logarithms. Chosen on simulated markets. */
const EVENTS_POWER = 0.5;
/** Medians below this are of liquidations whose value is unknown, USD/s. */
const MIN_VELOCITY = 0.01;

/**
 * 0–100: 100·x / (1 + x), where x = velocity / its median · (number in the last minute / its median)^½, over the past
 * liquidations of the symbol and side. 50 is like the median liquidation, 99 a hundred times as much; the log-odds go on
 * rising with log(velocity) however high it is. One large liquidation raises the velocity alone, a cascade raises both.
 *
 * A heuristic of our own, not calibrated against outcomes: `npm run measure -- cascades` compares it with the velocity on
 * simulated markets. Medians, because higher percentiles move with every cascade.
 */
export function cascadeScore({ velocity, events1m }: ScoreInput, usual: UsualFlow): number {
  const times = velocity / Math.max(MIN_VELOCITY, usual.medianVelocity);
  const unusual = times * (events1m / Math.max(1, usual.medianEvents1m)) ** EVENTS_POWER;
  return (100 * unusual) / (1 + unusual);
}
