import type { Config } from "../../src/config.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { type FittedVenue, fitAsset, fitVenue } from "../../src/silence/fitted-venue.ts";
import { DAY_MS } from "../../src/windows/calendar.ts";
import { contractGapPage } from "../d1/contract-gap-reads.ts";
import { gapsInRange, gapsOf } from "../d1/gap-reads.ts";
import { readFittedVenues, readMinuteCounts, readSilenceState, writeFittedVenue } from "../d1/silence-rows.ts";

/** Maximum number of gaps of single assets that are read beside 14 days. */
const MAX_SYMBOL_GAPS = 1_000;

/** A model to fit: of a whole venue, or of one base asset there. */
interface DueModel {
  readonly exchange: ExchangeName;
  readonly symbol: string | null;
  readonly fittedTime: number;
}

/** Fits how one venue, or one of its base assets, is silent beside the others: the one whose model is the oldest, where that is a day old. */
export async function fitSilences(
  db: D1Database,
  { LIQUIDATION_EXCHANGES: venues }: Pick<Config, "LIQUIDATION_EXCHANGES">,
  now: number,
): Promise<object> {
  const [known, state] = await Promise.all([readFittedVenues(db), readSilenceState(db)]);
  const tracked = state?.assets?.tracked ?? [];
  const [due] = dueModels(venues, known, tracked)
    .filter(({ fittedTime }) => now - fittedTime >= DAY_MS)
    .toSorted((a, b) => a.fittedTime - b.fittedTime);
  if (due === undefined) return { fitted: null };
  const { exchange, symbol } = due;
  const minutes = await readMinuteCounts(db);
  const range = { start: minutes[0]?.minute ?? now, end: now };
  const { gaps } = gapsOf(await gapsInRange(db, venues, range).all());
  const before = known.find((one) => one.exchange === exchange);
  if (symbol === null || before === undefined) {
    const fitted = fitVenue(exchange, minutes, gaps, now);
    await writeFittedVenue(db, { ...fitted, assets: before?.assets ?? [] });
    return { fitted: exchange, minutes: fitted.minutes, withheld: fitted.withheld };
  }
  const suspect = await contractGapPage(db, { exchanges: venues, reason: "suspect" }, range, null, MAX_SYMBOL_GAPS);
  const ofSymbol = suspect.filter((gap) => "symbol" in gap && gap.symbol === symbol);
  const fitted = fitAsset(exchange, symbol, minutes, [...gaps, ...ofSymbol], now);
  const others = (before.assets ?? []).filter((one) => one.symbol !== symbol && tracked.includes(one.symbol));
  await writeFittedVenue(db, { ...before, assets: [...others, fitted] });
  return { fitted: `${exchange} ${symbol}`, minutes: fitted.minutes, withheld: fitted.withheld };
}

/** Venues come before their assets, which are judged only where the venue has been fitted once. */
function dueModels(venues: readonly ExchangeName[], known: readonly FittedVenue[], tracked: readonly string[]): readonly DueModel[] {
  const all = venues.map((exchange) => ({ exchange, fitted: known.find((one) => one.exchange === exchange) }));
  const ofVenues = all.map(({ exchange, fitted }) => ({ exchange, symbol: null, fittedTime: fitted?.fitted_time ?? -Infinity }));
  const ofAssets = all.flatMap(({ exchange, fitted }) =>
    tracked.map((symbol) => ({
      exchange,
      symbol,
      fittedTime: fitted?.assets?.find((one) => one.symbol === symbol)?.fitted_time ?? -Infinity,
    })),
  );
  return [...ofVenues, ...ofAssets];
}
