import { HISTORY_MS } from "../../src/windows/kept.ts";
import { publishingVenues } from "../../src/exchanges/coverage.ts";
import { HORIZONS } from "../../src/grades/grade.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import type { Options } from "./options.ts";
import type { FilesWanted } from "./sources/file-source.ts";
import { openFolder } from "./sources/folder-source.ts";
import { MarksOverride } from "./sources/marks-override.ts";
import type { Source } from "./sources/source.ts";
import { openWorker } from "./sources/worker-source.ts";

/** The data of a backtest, with the marks that the options ask for. */
export async function openSource({ data, marks, config, judged }: Options): Promise<Source> {
  const { LIQUIDATION_SYMBOLS: symbols } = config;
  const wanted: FilesWanted = { symbols: symbols === "*" ? null : symbols, venues: publishingVenues(config) };
  const marksFile = marks.kind === "file" ? await openFolder(marks.path, wanted) : null;
  const source = await open();
  return marks.kind === "data" ? source : new MarksOverride(source, marksFile);

  async function open(): Promise<Source> {
    if (data.kind === "data") return openFolder(data.path, wanted);
    if (data.kind === "state") {
      // Loaded late: the local runtime takes seconds to load.
      const { StateSource } = await import("./sources/state-source.ts");
      return StateSource.open(data.path, wanted);
    }
    const range = { start: judged.start - HISTORY_MS, end: judged.end + HORIZONS["24h"] + DAY_MS };
    return openWorker(data, range, wanted);
  }
}
