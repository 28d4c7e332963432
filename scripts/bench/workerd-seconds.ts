import { readdir, readFile } from "node:fs/promises";

/** Linux counts processor time in hundredths of a second. */
const TICKS_PER_S = 100;

/** Processor time, user and system, of the local runtimes that this process started, s. Linux only: it reads /proc. */
export async function workerdSeconds(): Promise<number> {
  const processes = await Promise.all((await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(readStat));
  const known = processes.filter((one) => one !== null);
  const parents = new Map(known.map(({ pid, parent }) => [pid, parent]));
  const isOwn = (pid: number | undefined): boolean => pid !== undefined && (pid === process.pid || isOwn(parents.get(pid)));
  const ticks = known.filter(({ pid, name }) => name === "workerd" && isOwn(pid)).map((one) => one.ticks);
  if (ticks.length === 0) throw new Error("no workerd runs under this process");
  return ticks.reduce((sum, own) => sum + own, 0) / TICKS_PER_S;
}

/** Null where the process has ended meanwhile. */
async function readStat(pid: string) {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
  if (text === null) return null;
  // The name stands in parentheses and may contain spaces; the fields after it do not.
  const [open, close] = [text.indexOf("("), text.lastIndexOf(")")];
  const fields = text.slice(close + 2).split(" ");
  return { pid: Number(pid), name: text.slice(open + 1, close), parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
}
