import { readFileSync, writeFileSync } from "node:fs";
import { platform, release } from "node:os";
import { resolve } from "node:path";
import { runCommand } from "./command-line.ts";
import { collect } from "./venue-check/collect.ts";
import { USAGE, type VenueCheckOptions, readVenueCheckOptions } from "./venue-check/options.ts";
import { reportOf } from "./venue-check/report.ts";

await runCommand({ usage: USAGE, readOptions: () => readVenueCheckOptions(process.argv.slice(2)), run });

async function run({ out, ...options }: VenueCheckOptions): Promise<number> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop.abort());
  const isTerminal = process.stderr.isTTY;
  const seen = await collect({
    ...options,
    signal: stop.signal,
    progress: (text) => {
      if (isTerminal) process.stderr.write(`\r${options.exchange.name}: ${text}   `);
    },
  });
  if (isTerminal) process.stderr.write("\n");
  const { name, version } = JSON.parse(readFileSync(resolve(import.meta.dirname, "../package.json"), "utf8")) as Record<string, string>;
  const { markdown, contradicted, failed } = reportOf(seen, {
    program: `${name} ${version}`,
    node: process.versions.node,
    system: `${platform()} ${release()}`,
  });
  if (out === null) process.stdout.write(markdown);
  else writeFileSync(out, markdown);
  return contradicted + failed > 0 ? 1 : 0;
}
