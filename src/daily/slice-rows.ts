import type { ImpactFields, Liquidation } from "../liquidation.ts";
import type { TimeRange } from "../windows/range-parts.ts";

/**
 * The rows of a time range from several sources, ordered by time and then id, each event once, with all known impacts.
 * The result does not depend on the order of the sources or on earlier merges, unless two copies of an event have
 * different impacts.
 */
export function sliceRows(
  sources: Iterable<readonly Liquidation[]>,
  { start, end }: TimeRange,
  impacts: ReadonlyMap<string, ImpactFields>,
): readonly Liquidation[] {
  const byId = new Map<string, Liquidation>();
  for (const rows of sources) {
    for (const row of rows) {
      if (row.event_time < start || row.event_time >= end) continue;
      const other = byId.get(row.event_id);
      byId.set(row.event_id, other === undefined ? row : merged(row, other));
    }
  }
  const rows = Array.from(byId.values(), (row) => withImpact(row, impacts.get(row.event_id)));
  return rows.toSorted(compareRows);
}

/** The order of rows: by time, then by id. */
export function compareRows(a: Pick<Liquidation, "event_time" | "event_id">, b: Pick<Liquidation, "event_time" | "event_id">): number {
  return a.event_time - b.event_time || compareText(a.event_id, b.event_id);
}

/** The first copy of an event wins; only impacts that it lacks are added from the others. */
function merged(a: Liquidation, b: Liquidation): Liquidation {
  const [first, second] = isFirst(a, b) ? [a, b] : [b, a];
  return withImpact(first, { ...impactOf(second), ...knownOf(first) });
}

function isFirst(a: Liquidation, b: Liquidation): boolean {
  if (a.received_time !== b.received_time) return a.received_time < b.received_time;
  return bareText(a) <= bareText(b);
}

/** The row without impacts, which become known later. */
function bareText(row: Liquidation): string {
  return JSON.stringify({ ...row, impact_1s_bps: null, impact_5s_bps: null, impact_60s_bps: null });
}

function withImpact(row: Liquidation, later: ImpactFields | undefined): Liquidation {
  if (later === undefined) return row;
  const impact = { ...impactOf(row), ...knownOf(later) };
  const same = Object.entries(impact).every(([name, value]) => row[name as keyof ImpactFields] === value);
  return same ? row : { ...row, ...impact };
}

function impactOf({ impact_1s_bps, impact_5s_bps, impact_60s_bps }: ImpactFields): ImpactFields {
  return { impact_1s_bps, impact_5s_bps, impact_60s_bps };
}

function knownOf(fields: ImpactFields): Partial<ImpactFields> {
  return Object.fromEntries(Object.entries(impactOf(fields)).filter(([, value]) => value !== null));
}

/** Compares UTF-16 units, which is the same on every machine. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
