import { favourites } from "../../store/preferences.ts";
import { parameter, setParameters } from "../../shell/router.tsx";

/** The base asset that the screen shows: that of the address, else the first favourite. */
export function shownSymbol(): string {
  return parameter("symbol")?.toUpperCase() ?? favourites.value[0] ?? "BTC";
}

export function showSymbol(symbol: string): void {
  setParameters({ symbol });
}
