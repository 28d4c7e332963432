import os from "node:os";
import { parseArgs } from "node:util";
import { benchAdapters } from "./bench/adapters.ts";
import { benchBacktest } from "./bench/backtest.ts";
import { benchBaselines } from "./bench/baselines.ts";
import { benchDaily } from "./bench/daily.ts";
import { benchExport } from "./bench/export.ts";
import { benchEnrichment } from "./bench/enrichment.ts";
import { benchKucoinInferred } from "./bench/kucoin-inferred.ts";
import { benchParquet } from "./bench/parquet.ts";
import { benchRowSizes } from "./bench/row-sizes.ts";
import { benchSupabase } from "./bench/supabase.ts";
import { benchThroughput } from "./bench/throughput.ts";

const BENCHES: Readonly<Record<string, (print: (line: string) => void) => Promise<void>>> = {
  adapters: benchAdapters,
  parquet: benchParquet,
  "row-sizes": benchRowSizes,
  enrichment: benchEnrichment,
  baselines: benchBaselines,
  backtest: benchBacktest,
  daily: benchDaily,
  export: benchExport,
  throughput: benchThroughput,
  supabase: benchSupabase,
  "kucoin-inferred": benchKucoinInferred,
};

const { positionals } = parseArgs({ allowPositionals: true });
const unknown = positionals.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`${unknown.join(", ")}: unknown benchmark; allowed: ${Object.keys(BENCHES).join(", ")}, or none for all`);
  process.exit(2);
}
console.log(`${os.hostname()}: ${os.cpus().length} × ${os.cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}`);
for (const name of positionals.length > 0 ? positionals : Object.keys(BENCHES)) {
  console.log(`\n## ${name}`);
  await BENCHES[name]?.((line) => console.log(line));
}
process.exit(0);
