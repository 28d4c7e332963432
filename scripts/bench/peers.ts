import { benchAdapters } from "./adapters.ts";
import { contestExports } from "./peers/exports.ts";
import { contestLatency } from "./peers/latency.ts";
import { contestParquetWriters } from "./peers/parquet-writers.ts";

/** Ours beside what others use for the same work, as ratios within one run. */
export async function benchPeers(print: (line: string) => void): Promise<void> {
  await contestParquetWriters(print);
  await benchAdapters(print);
  await contestExports(print);
  await contestLatency(print);
}
