import { table } from "../../table.ts";

/** One of several that do the same work. */
export interface Contender {
  readonly name: string;
  /** Does the work once and returns a measure of its result, such as the bytes of a file. */
  readonly run: () => number | Promise<number>;
}

export interface Standing {
  readonly name: string;
  /** s on the clock, of the fastest round */
  readonly seconds: number;
  /** s of processor time, all threads of the process, of the cheapest round */
  readonly cpuSeconds: number;
  readonly result: number;
}

/**
 * Runs all contenders in turns, after one round that does not count. The best round is the one that other work on the
 * machine delayed least.
 */
export async function bestOf(rounds: number, contenders: readonly Contender[]): Promise<readonly Standing[]> {
  const standings = contenders.map(({ name }): Standing => ({ name, seconds: Infinity, cpuSeconds: Infinity, result: Number.NaN }));
  for (let round = -1; round < rounds; round++) {
    for (const [index, { run }] of contenders.entries()) {
      const before = standings[index];
      const start = performance.now();
      const cpuStart = process.cpuUsage();
      const result = await run();
      const cpu = process.cpuUsage(cpuStart);
      const seconds = (performance.now() - start) / 1e3;
      if (before === undefined || round < 0) continue;
      const cpuSeconds = Math.min(before.cpuSeconds, (cpu.user + cpu.system) / 1e6);
      standings[index] = { ...before, seconds: Math.min(before.seconds, seconds), cpuSeconds, result };
    }
  }
  return standings;
}

/** A table of standings, each beside the first contender's. `unit` is what one of the result's column is. */
export function ratioTable(resultName: string, unit: number, standings: readonly Standing[]): readonly string[] {
  const [first] = standings;
  const cells = standings.map(({ name, seconds, cpuSeconds, result }) => [
    name,
    seconds.toFixed(2),
    (seconds / (first?.seconds ?? Number.NaN)).toFixed(2),
    cpuSeconds.toFixed(2),
    (cpuSeconds / (first?.cpuSeconds ?? Number.NaN)).toFixed(2),
    (result / unit).toFixed(1),
  ]);
  return [table(["", "s", "÷ ours", "s of CPU", "÷ ours", resultName], cells)];
}
