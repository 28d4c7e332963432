import { api, ask } from "../../api/client.ts";
import { useQuery } from "../../api/query.ts";
import { parameter } from "../../shell/router.tsx";
import { favourites } from "../../store/preferences.ts";

export const HOURS = ["1", "4", "24"] as const;

/** The comparison of venues that the address names, which two panels show. */
export function useCrossExchange() {
  const symbol = parameter("symbol")?.toUpperCase() ?? favourites.value[0] ?? "BTC";
  const hours = HOURS.find((name) => name === parameter("hours")) ?? "24";
  const query = { symbol, hours: Number(hours) };
  const loaded = useQuery(`cross-exchange ${symbol} ${hours}`, () => ask(api.GET("/v1/cross-exchange", { params: { query } })), {
    refreshMs: 60_000,
  });
  return { symbol, hours, loaded };
}
