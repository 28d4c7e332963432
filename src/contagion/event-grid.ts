/** Length of a bin, ms. Times of the venues are hardly finer, and within a bin no order is claimed. */
export const BIN_MS = 500;
/** Bins of a block of 15 minutes: each has its own base rate, and the nulls shift times within it. */
export const BLOCK_BINS = 1_800;

/** Time in pieces of equal length, each covered by all streams or left out. */
export interface EventGrid {
  readonly pieceBins: number;
  /** 1 for a covered piece. */
  readonly covered: Uint8Array;
}

/** The events of one stream in the covered pieces of a grid. */
export interface EventStream {
  /** The bins with events, ascending, from the start of the grid. */
  readonly bins: Int32Array;
  /** The number of events in each of these bins. */
  readonly counts: Float64Array;
  /** The index of the first bin of each piece, and at the end the number of bins. */
  readonly firsts: Uint32Array;
  readonly events: number;
}

/** @param times ms since the start of the grid, ascending */
export function eventStream(times: readonly number[], grid: EventGrid): EventStream {
  const { pieceBins, covered } = grid;
  const [bins, counts]: [number[], number[]] = [[], []];
  let events = 0;
  for (const time of times) {
    const bin = Math.floor(time / BIN_MS);
    if (covered[Math.floor(bin / pieceBins)] !== 1) continue;
    events += 1;
    const last = bins.length - 1;
    if (bins[last] === bin) counts[last] = (counts[last] ?? 0) + 1;
    else {
      bins.push(bin);
      counts.push(1);
    }
  }
  return withFirsts(Int32Array.from(bins), Float64Array.from(counts), events, grid);
}

/** The same grid with pieces of half the length, and its streams. */
export function halved(
  grid: EventGrid,
  streams: readonly EventStream[],
): { readonly grid: EventGrid; readonly streams: readonly EventStream[] } {
  const half = {
    pieceBins: grid.pieceBins / 2,
    covered: Uint8Array.from({ length: 2 * grid.covered.length }, (_, piece) => grid.covered[piece >> 1] ?? 0),
  };
  return { grid: half, streams: streams.map(({ bins, counts, events }) => withFirsts(bins, counts, events, half)) };
}

function withFirsts(bins: Int32Array, counts: Float64Array, events: number, { pieceBins, covered }: EventGrid): EventStream {
  const firsts = new Uint32Array(covered.length + 1);
  let index = 0;
  for (let piece = 0; piece <= covered.length; piece += 1) {
    while (index < bins.length && (bins[index] ?? 0) < piece * pieceBins) index += 1;
    firsts[piece] = index;
  }
  return { bins, counts, firsts, events };
}
