interface IntervalProps {
  readonly low: number | null;
  readonly value: number | null;
  readonly high: number | null;
  /** The scale that the intervals of a table share. */
  readonly scale: IntervalScale;
}

export interface IntervalScale {
  readonly least: number;
  readonly most: number;
}

/** A scale around zero and every end of the given intervals, with a margin. */
export function scaleOf(values: readonly (number | null | undefined)[]): IntervalScale {
  const known = [0, ...values.filter((value) => typeof value === "number")];
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const margin = (most - least || 1) * 0.06;
  return { least: least - margin, most: most + margin };
}

const WIDTH = 108;
const HEIGHT = 14;

/** A value with its 95 % interval on a line with a mark at zero. The numbers stand beside it, so it is not for screen readers. */
export function Interval({ low, value, high, scale }: IntervalProps) {
  const x = (at: number) => ((at - scale.least) / (scale.most - scale.least)) * WIDTH;
  return (
    <svg class="interval" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} aria-hidden="true">
      <line class="interval-zero" x1={x(0)} x2={x(0)} y1={0} y2={HEIGHT} />
      {low === null || high === null ? null : <line class="interval-range" x1={x(low)} x2={x(high)} y1={HEIGHT / 2} y2={HEIGHT / 2} />}
      {value === null ? null : <circle class="interval-value" cx={x(value)} cy={HEIGHT / 2} r={3} />}
    </svg>
  );
}
