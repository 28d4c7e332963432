import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type AnchoredHeads, anchorIn, anchorOf } from "../src/signals/ledger-anchor.ts";
import { messageOf } from "../src/message-of.ts";
import { ledgerOfState, ledgerOfWorker } from "./verify-ledger/ledger-pages.ts";
import { readGivenMarks } from "./verify-ledger/recompute-grades.ts";
import { verifyLedger } from "./verify-ledger/verify-ledger.ts";

const USAGE = `npm run verify-ledger -- (--url URL [--key KEY] | --state DIR) [--anchor SEQUENCE:HASH]... [--anchors FILE]... [--marks FILE]...

Recomputes the ledger of signals on this machine: the hash of every decision and every grade, and its link to the previous
one. With anchors that you kept, it also checks that the ledger still contains them: one that was cut or recomputed does
not. It recomputes from the grades which decisions were on paper. With exported minute marks, it grades the decisions again and compares. Exit code 0 if everything matches, 1 with what
does not, 2 if the ledger, an anchor or a file of marks could not be read.
  --url      URL of a running Worker, such as https://liquidations.example.workers.dev
  --key      API key, if the Worker requires one; it is sent by https, or to this machine
  --state    a local state folder, as used by npm start and npm run demo with --state
  --anchor   sequence number and hash of a decision, such as 17:5f2b...; may be repeated
  --anchors  a file with an anchor: a day's manifest (/v1/datasets/DATE) or a delivery of ledger.anchored; may be repeated
  --marks    a Parquet file of minute marks: a daily file or an export; may be repeated`;

async function readAnchors(texts: readonly string[], files: readonly string[]): Promise<readonly AnchoredHeads[]> {
  const given = texts.map((text) => {
    const anchor = anchorOf(text);
    if (anchor === null) throw new Error(`--anchor is "${text}"; allowed: a sequence number, a colon and 64 hexadecimal digits`);
    return { decisions: anchor, grades: null };
  });
  const read = files.map(async (file) => {
    const anchor = anchorIn(JSON.parse(await readFile(file, "utf8")));
    if (anchor === null) throw new Error(`${file} holds no anchor; allowed: a day's manifest or a delivery of ledger.anchored`);
    return anchor;
  });
  return [...given, ...(await Promise.all(read))];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      key: { type: "string" },
      state: { type: "string" },
      anchor: { type: "string", multiple: true, default: [] },
      anchors: { type: "string", multiple: true, default: [] },
      marks: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || (values.url === undefined) === (values.state === undefined)) {
    console.error(USAGE);
    return values.help ? 0 : 2;
  }
  const anchors = await readAnchors(values.anchor, values.anchors);
  const marks = await readGivenMarks(values.marks);
  const pages = values.url === undefined ? ledgerOfState(values.state ?? "") : ledgerOfWorker(values.url, values.key);
  const { lines, matches } = await verifyLedger(pages, anchors, marks);
  for (const line of lines) console.log(line);
  return matches ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}
