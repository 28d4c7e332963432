/** One measured number next to its target. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  readonly target: string;
}

export type Measure = (seeds: readonly number[]) => Promise<readonly Figure[]>;
