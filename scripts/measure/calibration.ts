import { calibrationOf } from "../../src/scoreboard/calibration.ts";
import { isotonicFit, isotonicValue } from "../../src/scoreboard/isotonic.ts";
import { type Random, createRandom } from "../simulator/random.ts";

/** True hit rate by stated confidence, 40 to 100. */
export const ANALYSTS = {
  "confidence says nothing": () => 0.42,
  "confidence is half right": (confidence: number) => 0.25 + (0.5 * (confidence - 40)) / 60,
  "confidence is far too high": (confidence: number) => 0.35 + (0.2 * (confidence - 40)) / 60,
  "right above 70 alone": (confidence: number) => (confidence > 70 ? 0.6 : 0.4),
} as const satisfies Readonly<Record<string, (confidence: number) => number>>;

/** Stated confidences: 40, 45 to 100. */
const STATED = Array.from({ length: 13 }, (_, index) => 40 + 5 * index);

/** Root mean squared error of probabilities against the true hit rates. */
export interface CalibrationError {
  readonly calibrated: number;
  /** Of the same fit without shrinking. */
  readonly isotonic: number;
  readonly stated: number;
}

/** The error after so many graded decisions, whose outcomes depend on each other within an episode. */
export function calibrationError(seed: number, records: number, graded: number, truth: (confidence: number) => number): CalibrationError {
  const random = createRandom(seed, "calibration");
  const squares = { calibrated: 0, isotonic: 0, stated: 0 };
  for (let record = 0; record < records; record += 1) {
    const past = simulatedPast(random, graded, truth);
    const calibrated = calibrationOf(past);
    const isotonic = isotonicFit(past.map(({ confidence, hit }) => ({ x: confidence, y: hit ? 1 : 0 })));
    for (const confidence of STATED) {
      const rate = truth(confidence);
      squares.calibrated += ((calibrated(confidence) ?? 0) - rate) ** 2;
      squares.isotonic += ((isotonicValue(isotonic, confidence) ?? 0) - rate) ** 2;
      squares.stated += (confidence / 100 - rate) ** 2;
    }
  }
  const error = (sum: number) => Math.sqrt(sum / (records * STATED.length));
  return { calibrated: error(squares.calibrated), isotonic: error(squares.isotonic), stated: error(squares.stated) };
}

function simulatedPast(random: Random, graded: number, truth: (confidence: number) => number) {
  let shock = 0;
  return Array.from({ length: graded }, () => {
    // A new episode every 2.5 decisions: what it does to all of them, on the scale of log odds.
    if (random.chance(0.4)) shock = 0.6 * random.normal();
    const confidence = STATED[random.integer(STATED.length)] ?? 50;
    const rate = truth(confidence);
    const odds = Math.exp(Math.log(rate / (1 - rate)) + shock);
    return { confidence, hit: random.chance(odds / (1 + odds)) };
  });
}
