import type { CascadeRecord } from "../../../../src/cascade/cascade-record.ts";
import { HOUR_MS, MINUTE_MS, floorTo } from "../../../../src/windows/calendar.ts";
import { type Outcome, api, ask } from "../../api/client.ts";
import { type Loaded, useQuery } from "../../api/query.ts";
import type { CascadeWithEstimate, EstimatedRange, Liquidation } from "../../api/schema.ts";
import { cascades } from "../../store/live-store.ts";
import { serverNow } from "../../stream/server-clock.ts";

/** What a case file is made of. */
const BEFORE_MS = 30 * MINUTE_MS;
const AFTER_MS = HOUR_MS;
/** A running cascade grows, and its hour after is not over. */
const REFRESH_MS = 15_000;
const PAGE_EVENTS = 1_000;
/** Beyond these the table says that it is not whole; the daily files have the rest. */
const MAX_PAGES = 5;

/** The range that is shown of a cascade: half an hour before to an hour after, or to the present. */
export function rangeOf({ start_time: start, end_time: end }: CascadeRecord): { readonly start: number; readonly end: number } {
  return { start: start - BEFORE_MS, end: (end ?? serverNow()) + AFTER_MS };
}

/** The stored record, asked for again while it runs and until its minutes are settled. */
function useStoredCase(id: string) {
  return useQuery(`cascade ${id}`, () => ask(api.GET("/v1/cascades/{id}", { params: { path: { id } } })), {
    refreshMs: (stored) => (stored.end_time === null ? REFRESH_MS : isUnsettled(stored) ? 4 * REFRESH_MS : null),
  });
}

/** Minutes settle within this time. */
const SETTLED_MS = 15 * MINUTE_MS;

function isUnsettled({ end_time: end, estimate: { end_time: settled } }: CascadeWithEstimate): boolean {
  return end !== null && serverNow() - end < SETTLED_MS && (settled === null || settled <= end);
}

/** The record by its id; a running one is the stream's, which is newer. */
export function useCascade(id: string): Loaded<CascadeRecord> & { readonly reload: () => void } {
  const streamed = cascades.value.find(({ cascade_id: other }) => other === id) ?? null;
  const loaded = useStoredCase(id);
  const isNewer = streamed !== null && (loaded.data === null || streamed.events > loaded.data.events);
  return isNewer ? { ...loaded, data: streamed, failure: null } : loaded;
}

export interface CaseEstimate {
  /** Null where it is not known, with the reason. */
  readonly estimate: EstimatedRange | null;
  readonly reason: string;
}

/** The estimate of a cascade that is over, once its minutes are settled. It comes with the record. */
export function useCaseEstimate({ cascade_id: id, end_time: end }: CascadeRecord): CaseEstimate {
  const { data, failure } = useStoredCase(id);
  if (data === null) return { estimate: null, reason: failure?.detail ?? "It is being loaded." };
  if (end === null || isUnsettled(data))
    return { estimate: null, reason: "It is estimated some minutes after its end, once they are settled." };
  return { estimate: data.estimate, reason: "" };
}

export interface CaseEvents {
  /** Of the cascade's base asset and side, oldest first. */
  readonly events: readonly Liquidation[];
  readonly isWhole: boolean;
}

function useCaseEvents(cascade: CascadeRecord): Loaded<CaseEvents> & { readonly reload: () => void } {
  const { cascade_id: id, end_time: end } = cascade;
  return useQuery(`case events ${id} ${end}`, () => eventsOf(cascade), end === null ? { refreshMs: REFRESH_MS } : {});
}

/** Liquidations as a case file's parts are given them: none where they are unknown, with the reason. */
export interface KnownEvents {
  readonly events: CaseEvents["events"];
  /** Why a number that comes from the liquidations is not known. */
  readonly reason: string;
  readonly loaded: Loaded<CaseEvents> & { readonly reload: () => void };
}

export function useKnownEvents(cascade: CascadeRecord): KnownEvents {
  const loaded = useCaseEvents(cascade);
  return { events: loaded.data?.events ?? [], reason: reasonOf(loaded), loaded };
}

function reasonOf({ data, failure }: Loaded<CaseEvents>): string {
  if (data === null) return failure === null ? "The liquidations are being loaded." : `The liquidations are not there: ${failure.detail}`;
  return data.events.length === 0 ? "No liquidation of it is stored here." : "None of its liquidations carries this value.";
}

/** Those from its beginning to its end, and those after it that still named it: it ends only once it stays quiet. */
async function eventsOf(cascade: CascadeRecord): Promise<Outcome<CaseEvents>> {
  const { cascade_id: id, symbol, position_side: side, start_time: start, end_time: end, constants } = cascade;
  const events: Liquidation[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = { symbol, side, order: "asc", limit: PAGE_EVENTS } as const;
    const place: { readonly cursor: string } | { readonly start: number; readonly end: number } =
      cursor === null ? { start, end: end === null ? serverNow() + 1 : end + constants.end_s * 1_000 } : { cursor };
    const outcome: Outcome<readonly Liquidation[]> = await ask(api.GET("/v1/liquidations", { params: { query: { ...query, ...place } } }));
    if (outcome.kind === "failed") return outcome;
    events.push(...outcome.data.filter((event) => end === null || event.event_time <= end || event.cascade_id === id));
    cursor = outcome.meta?.next_cursor ?? null;
    if (cursor === null) return { kind: "ok", data: { events, isWhole: true }, meta: outcome.meta };
  }
  return { kind: "ok", data: { events, isWhole: false }, meta: null };
}

/** Mark prices around a cascade, as candles of a minute, with the gaps of all venues. */
export function useCaseMarks(cascade: CascadeRecord) {
  const { cascade_id: id, symbol } = cascade;
  const range = rangeOf(cascade);
  const isOver = range.end < serverNow();
  return useQuery(
    `case marks ${id} ${isOver}`,
    () => {
      const end = Math.min(range.end, floorTo(serverNow(), MINUTE_MS) + MINUTE_MS);
      return ask(api.GET("/v1/marks", { params: { query: { symbol, start: floorTo(range.start, MINUTE_MS), end } } }));
    },
    isOver ? {} : { refreshMs: 2 * REFRESH_MS },
  );
}
