import type { StreamFilter } from "./filter.ts";

/** The request that returns the liquidations of these event times: with the filter, where one request can have it. */
export function fillRequest(filters: readonly StreamFilter[], fromTime: number | null, toTime: number): string {
  const [filter, ...others] = filters;
  const query = new URLSearchParams();
  const only = others.length === 0 ? filter : undefined;
  if (only?.symbols?.length === 1) query.set("symbol", only.symbols[0] ?? "");
  if (only?.exchanges?.length === 1) query.set("exchange", only.exchanges[0] ?? "");
  if (only?.side != null) query.set("side", only.side);
  if (only?.min_usd != null) query.set("min_usd", String(only.min_usd));
  if (filters.some(({ inferred }) => inferred)) query.set("include", "inferred");
  if (fromTime !== null) query.set("start", String(fromTime));
  query.set("end", String(toTime + 1));
  query.set("order", "asc");
  return `/v1/liquidations?${query.toString()}`;
}
