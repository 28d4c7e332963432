import { exchanges } from "../src/exchanges/registry.ts";
import { runCommand } from "./command-line.ts";
import { fuzzVenue, type VenueReport } from "./fuzz/fuzz-venue.ts";
import { type FuzzOptions, readFuzzOptions, USAGE } from "./fuzz/options.ts";
import type { Input } from "./fuzz/session.ts";
import { table } from "./table.ts";

const SHOWN_CHARACTERS = 2_000;

async function fuzz({ frames, seed, venues }: FuzzOptions): Promise<number> {
  const reports: VenueReport[] = [];
  for (const exchange of venues) reports.push(await fuzzVenue(exchanges[exchange], frames, seed));
  console.log(`${frames} frames per venue, seed ${seed}`);
  console.log(table(HEADER, reports.map(row)));
  const failed = reports.filter(({ failure }) => failure !== null);
  for (const report of failed) console.log(failureText(report, seed));
  console.log(failed.length === 0 ? "No frame threw, gave an absurd value, or cost too much." : `${failed.length} venues failed.`);
  return failed.length === 0 ? 0 : 1;
}

const HEADER = ["venue", "frames", "MB", "liquidations", "market", "rejects", "tables", "slowest ms", "kept MiB", "digest", "found"];

function row({ exchange, frames, characters, counts, slowestMs, keptBytes, digest, failure }: VenueReport): readonly string[] {
  const sum = (...kinds: readonly string[]) => String(kinds.reduce((total, kind) => total + (counts.get(kind) ?? 0), 0));
  return [
    exchange,
    String(frames),
    (characters / 1e6).toFixed(0),
    sum("stored"),
    sum("mark", "index", "funding", "open_interest", "quote", "book", "book_text", "trade"),
    sum("reject"),
    sum("tables"),
    slowestMs.toFixed(0),
    (keptBytes / 2 ** 20).toFixed(1),
    digest,
    failure === null ? "nothing" : failure.finding.kind,
  ];
}

function failureText({ exchange, failure }: VenueReport, seed: number): string {
  if (failure === null) return "";
  const { finding, inputs, frame } = failure;
  return [
    `\n${exchange}, seed ${seed}, frame ${frame}: ${finding.kind}: ${finding.what}`,
    `again: npm run fuzz -- --exchange ${exchange} --seed ${seed} --frames ${frame + 1}`,
    ...(inputs.length > 0 ? ["the smallest frames of one session that still do so:"] : []),
    ...inputs.map(inputText),
  ].join("\n");
}

function inputText({ source, text, receivedTime }: Input): string {
  const shown = text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}… (${text.length} characters)`;
  return `  ${source}, received ${receivedTime}: ${shown}`;
}

await runCommand({ usage: USAGE, readOptions: () => readFuzzOptions(process.argv.slice(2)), run: fuzz });
