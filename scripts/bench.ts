import os from "node:os";
import { parseArgs } from "node:util";
import { benchAdapters } from "./bench/adapters.ts";
import { benchBacktest } from "./bench/backtest.ts";
import { benchCaseFiles } from "./bench/case-files.ts";
import { benchContagion } from "./bench/contagion.ts";
import { benchCronMinute } from "./bench/cron-minute.ts";
import { benchBaselines } from "./bench/baselines.ts";
import { benchCost, benchCostOfEveryVenue, benchCostOfOneObject } from "./bench/cost.ts";
import { benchDashboard } from "./bench/dashboard.ts";
import { benchDaily } from "./bench/daily.ts";
import { benchExport } from "./bench/export.ts";
import { benchEnrichment } from "./bench/enrichment.ts";
import { benchKucoinInferred } from "./bench/kucoin-inferred.ts";
import { benchMarketState } from "./bench/market-state.ts";
import { benchParquet } from "./bench/parquet.ts";
import { benchPeers } from "./bench/peers.ts";
import { benchRowSizes } from "./bench/row-sizes.ts";
import { benchRules } from "./bench/rules.ts";
import { benchStream } from "./bench/stream.ts";
import { benchSupabase } from "./bench/supabase.ts";
import { benchThroughput } from "./bench/throughput.ts";
import { benchTotalsMigration } from "./bench/totals-migration.ts";

const BENCHES: Readonly<Record<string, (print: (line: string) => void) => Promise<void>>> = {
  adapters: benchAdapters,
  parquet: benchParquet,
  peers: benchPeers,
  "row-sizes": benchRowSizes,
  enrichment: benchEnrichment,
  "cron-minute": benchCronMinute,
  baselines: benchBaselines,
  backtest: benchBacktest,
  daily: benchDaily,
  export: benchExport,
  throughput: benchThroughput,
  "totals-migration": benchTotalsMigration,
  supabase: benchSupabase,
  cost: benchCost,
  "cost-one-object": benchCostOfOneObject,
  "cost-every-venue": benchCostOfEveryVenue,
  stream: benchStream,
  rules: benchRules,
  contagion: benchContagion,
  "kucoin-inferred": benchKucoinInferred,
  dashboard: benchDashboard,
  "case-files": benchCaseFiles,
  "market-state": benchMarketState,
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
