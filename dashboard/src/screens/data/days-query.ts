import { DATASET_KINDS, type DatasetKind } from "../../../../src/daily/dataset-kind.ts";
import { DAY_MS } from "../../../../src/windows/calendar.ts";
import { HOURS_KEPT_MS } from "../../../../src/windows/kept.ts";
import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import type { Dataset, MarkDataset } from "../../api/schema.ts";
import { parameter } from "../../shell/router.tsx";

/** The file of a day: of its liquidations, or of its minute marks. */
export type DayFile = Dataset | MarkDataset;

const PAGE_DAYS = 60;
const REFRESH_MS = 300_000;

/** Which files the address asks for. */
export function shownDays(): { readonly kind: DatasetKind; readonly cursor: string | null } {
  return { kind: DATASET_KINDS.find((name) => name === parameter("kind")) ?? "liquidations", cursor: parameter("cursor") };
}

/** The days that the address asks for, newest first, which panels of the screen share. */
export function useDays() {
  const { kind, cursor } = shownDays();
  const query = { kind, limit: PAGE_DAYS, ...(cursor === null ? {} : { cursor }) };
  return useQuery(`datasets ${kind} ${cursor ?? ""}`, () => ask(api.GET("/v1/datasets", { params: { query } })), {
    refreshMs: REFRESH_MS,
  });
}

function rangeOf(start: number, end: number): { readonly start: number; readonly end: number } {
  // More than a page, unless days without a file lie between.
  return { start: Math.max(start, end - HOURS_KEPT_MS), end };
}

/** By day and venue how long it was connected, over the days of a page; null asks nothing yet. */
export function useUptime(days: readonly DayFile[] | null) {
  const [newest, oldest] = [days?.at(0)?.date, days?.at(-1)?.date];
  const range = newest === undefined || oldest === undefined ? null : rangeOf(Date.parse(oldest), Date.parse(newest) + DAY_MS);
  return useQuery(
    range === null ? null : `coverage 1d ${range.start} ${range.end}`,
    () => ask(api.GET("/v1/coverage", { params: { query: { interval: "1d", ...range } } })),
    { refreshMs: REFRESH_MS },
  );
}
