import type { ListedSymbol } from "../../src/listed-symbol.ts";
import type { ExchangeName } from "../../src/liquidation.ts";
import { listTimes, replaceList } from "../d1/symbol-lists.ts";
import type { FeedReport } from "../feeds.ts";

export interface SymbolsRecord {
  /** Venues with a list that was written again. */
  readonly replaced: readonly ExchangeName[];
}

/** Keeps in D1 what each venue lists; a venue is asked only if its feed has read the table of contracts again. */
export async function symbols(
  db: D1Database,
  feeds: readonly FeedReport[],
  listed: (exchange: ExchangeName) => PromiseLike<readonly ListedSymbol[] | null>,
): Promise<SymbolsRecord> {
  const known = await listTimes(db);
  const replaced: ExchangeName[] = [];
  for (const { exchange, status } of feeds) {
    const loaded = status?.instruments.loaded_time ?? null;
    if (loaded === null || known.get(exchange) === loaded) continue;
    const list = await listed(exchange);
    if (list === null) continue;
    await replaceList(db, exchange, list, loaded);
    replaced.push(exchange);
  }
  return { replaced };
}
