import type { Judgement, ReplayAnalyst } from "../../../src/backtest/analyst.ts";
import { modelVerdict } from "../../../src/signals/decision-parts.ts";
import { type PriceForecast, meanForecast } from "../../../src/signals/price-forecast.ts";
import { PROMPT_VERSION } from "../../../src/signals/prompt.ts";
import { signalId } from "../../../src/signals/signal-id.ts";
import { type SignalInput, dominantSide } from "../../../src/signals/signal-input.ts";
import type { ReasonCode } from "../../../src/signals/verdict.ts";
import { SECOND_MS } from "../../../src/windows/calendar.ts";
import { createRandom, type Random } from "../../simulator/random.ts";

/** The name that the ledger has of it: nobody takes its decisions for those of a model that exists. */
export const SIMULATED_MODEL = "simulated";

const SAMPLES = 3;
/** Live calls fail now and then too. */
const FAILURES: readonly (readonly [code: ReasonCode | null, weight: number])[] = [
  [null, 0.93],
  ["timeout", 0.04],
  ["http_503", 0.02],
  ["truncated", 0.01],
];

/**
 * Stands in for the language model where there is no network: probabilities drawn at random around its leaning against the
 * forced flow, the same for the same seed. It knows nothing of what comes, so its record shows what chance looks like.
 */
export function simulatedModel(seed: number): ReplayAnalyst {
  return (input): Judgement => {
    const random = createRandom(seed, `model ${signalId(input)}`);
    const code = random.weighted(FAILURES);
    const leaning = random.normal();
    const samples = code === null ? Array.from({ length: SAMPLES }, () => sample(input, leaning, random)) : [];
    const answer = { samples_asked: SAMPLES, samples_used: samples.length, forecast: meanForecast(samples), code };
    const { verdict, fields } = modelVerdict(answer, input);
    const tookMs = Math.round((2 + random.exponential(0.5)) * SECOND_MS);
    return {
      verdict,
      forecast: fields,
      created_time: input.known_time + tookMs,
      analyst: "deepseek",
      model: SIMULATED_MODEL,
      prompt_version: PROMPT_VERSION,
    };
  };
}

/** A reply: with the probability that the price turns, and that it goes on, after cost. */
function sample(input: SignalInput, leaning: number, random: Random): PriceForecast {
  const turns = 1 / (1 + Math.exp(-(-0.2 + 0.7 * leaning + 0.15 * random.normal())));
  const [turn, goOn] = [0.05 + 0.85 * turns, 0.05 + 0.85 * (1 - turns) * 0.8];
  const isLong = dominantSide(input)?.side !== "short";
  const flow = isLong ? "long" : "short";
  const reason =
    turn > goOn
      ? `Forced ${flow} flow looks spent, a turn is more likely than not. (Simulated reply.)`
      : `Forced ${flow} flow may go on; the turn has no support yet. (Simulated reply.)`;
  const [p_up, p_down] = isLong ? [turn, goOn] : [goOn, turn];
  return { p_up, p_down, reason, invalidation: null };
}
