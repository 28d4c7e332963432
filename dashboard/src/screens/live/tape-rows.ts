import { flowUsd } from "../../../../src/flow-usd.ts";
import { SECOND_MS, floorTo } from "../../../../src/windows/calendar.ts";
import type { Liquidation } from "../../api/schema.ts";

/** What a visitor wants to see on the tape; null lets everything pass. */
export interface TapeFilter {
  readonly symbol: string | null;
  readonly exchange: string | null;
  readonly side: "long" | "short" | null;
  readonly minUsd: number | null;
}

/** A row of the tape: one liquidation, or those of one second, base asset, venue and side. */
export interface TapeRow {
  readonly key: string;
  readonly event: Liquidation;
  readonly count: number;
  /** Null where no value is known. */
  readonly usd: number | null;
}

/** Above this many in a second, rows are joined: nobody reads them one by one. */
const MAX_PER_SECOND = 20;

export function passes(event: Liquidation, { symbol, exchange, side, minUsd }: TapeFilter): boolean {
  if (symbol !== null && event.symbol !== symbol) return false;
  if (exchange !== null && event.exchange !== exchange) return false;
  if (side !== null && event.position_side !== side) return false;
  return minUsd === null || (flowUsd(event) ?? 0) >= minUsd;
}

/**
 * The newest rows of events, newest first: at least `count` where so many pass the filter.
 * @param events oldest first
 * @param from what was received before this time, ms, is left out: the page lacks others of that time
 */
export function tapeRows(
  events: readonly Liquidation[],
  filter: TapeFilter,
  { from = Number.NEGATIVE_INFINITY, count = Number.POSITIVE_INFINITY } = {},
): readonly TapeRow[] {
  const rows: TapeRow[] = [];
  let second: Liquidation[] = [];
  const close = () => {
    if (second.length > MAX_PER_SECOND) rows.push(...joined(second.toReversed()).toReversed());
    else for (const event of second) rows.push(single(event));
    second = [];
  };
  for (let index = events.length - 1; index >= 0 && rows.length < count; index -= 1) {
    const event = events[index];
    if (event === undefined || event.received_time < from || !passes(event, filter)) continue;
    const last = second.at(-1);
    if (last !== undefined && secondOf(last) !== secondOf(event)) close();
    second.push(event);
  }
  // A second that was only begun is not joined to what it is.
  if (rows.length < count) close();
  return rows;
}

function secondOf({ received_time: time }: Liquidation): number {
  return floorTo(time, SECOND_MS);
}

function single(event: Liquidation): TapeRow {
  return { key: event.event_id, event, count: 1, usd: flowUsd(event) };
}

function joined(events: readonly Liquidation[]): readonly TapeRow[] {
  const groups = Map.groupBy(
    events,
    ({ symbol, exchange, position_side: side, coverage }) => `${symbol} ${exchange} ${side} ${coverage === "inferred"}`,
  );
  return [...groups].flatMap(([name, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const known = group.map(flowUsd).filter((usd) => usd !== null);
    const usd = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
    return [{ key: `${secondOf(first)} ${name}`, event: first, count: group.length, usd }];
  });
}
