import type { SilenceRecord } from "../../../src/silence/silence-record.ts";
import { momentText } from "../parts/format.ts";

/** A change of a silence, received at a time of the server's clock, ms. */
export interface SilenceNews {
  readonly time: number;
  readonly record: SilenceRecord;
}

/** A base asset that a venue no longer sends although the others are busy with it. */
export interface SilentAsset {
  readonly symbol: string;
  /** ms */
  readonly since: number;
}

interface Answer {
  readonly time: number;
  readonly silence:
    | readonly {
        readonly exchange: string;
        readonly assets: readonly { readonly symbol: string; readonly state: string; readonly silent_since: number | null }[];
      }[]
    | null;
}

/** The base assets of a venue whose silence is suspect, by what the status or the stream said later of each. */
export function silentAssets(exchange: string, status: Answer | null, news: Iterable<SilenceNews>): readonly SilentAsset[] {
  const found = new Map<string, number>();
  for (const { symbol, state, silent_since: since } of status?.silence?.find((one) => one.exchange === exchange)?.assets ?? []) {
    if (state === "suspect" && since !== null) found.set(symbol, since);
  }
  for (const { time, record } of news) {
    if (record.exchange !== exchange || record.symbol === null || time <= (status?.time ?? 0)) continue;
    if (record.cleared_time === null) found.set(record.symbol, record.since);
    else found.delete(record.symbol);
  }
  return [...found].map(([symbol, since]) => ({ symbol, since })).toSorted((a, b) => a.since - b.since);
}

/** `No liquidation of BTC since …, while the other venues were busy with it.` */
export function silentAssetText({ symbol, since }: SilentAsset): string {
  return `No liquidation of ${symbol} since ${momentText(since)}, while the other venues were busy with it.`;
}
