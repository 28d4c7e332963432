/** Where times and prices lie on a chart, and which of them get a label. */
export interface Span {
  readonly low: number;
  readonly high: number;
}

const TIME_STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800].map((seconds) => seconds * 1_000);

/** Round times within a span, at most so many. */
export function timeTicks({ low, high }: Span, most: number): readonly number[] {
  const step = TIME_STEPS_MS.find((ms) => (high - low) / ms <= most) ?? high - low;
  return multiplesOf(step, { low, high });
}

/** Round values within a span, about four of them. */
export function valueTicks({ low, high }: Span): readonly number[] {
  const rough = (high - low) / 4;
  if (!(rough > 0)) return [low];
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((times) => times * size).find((candidate) => candidate >= rough) ?? rough;
  return multiplesOf(step, { low, high });
}

function multiplesOf(step: number, { low, high }: Span): readonly number[] {
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.max(0, Math.floor(high / step) - first + 1) }, (_, index) => (first + index) * step);
}

/** The span of values with a margin; null where there are none. */
export function spanOf(values: readonly number[], margin = 0.06): Span | null {
  if (values.length === 0) return null;
  const [low, high] = values.reduce<readonly [number, number]>(
    ([least, most], value) => [Math.min(least, value), Math.max(most, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const room = (high - low || high * 0.001 || 1) * margin;
  return { low: low - room, high: high + room };
}

/** From a span to pixels. */
export function scale({ low, high }: Span, from: number, to: number): (value: number) => number {
  return (value) => from + ((value - low) / (high - low || 1)) * (to - from);
}
