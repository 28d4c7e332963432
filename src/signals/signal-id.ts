import type { SignalInput } from "./signal-input.ts";

/**
 * The id of a decision, such as `BTC-15m-20261120T1405Z`: always the same for the same scheduled minute, base asset and
 * window. The turn of a flush has its own, `BTC-15m-20261120T1405Z-turn`, because its minute may have a spike as well.
 */
export function signalId({ symbol, window, minute, trigger }: Pick<SignalInput, "symbol" | "window" | "minute" | "trigger">): string {
  const time = new Date(minute).toISOString().replaceAll(/[-:]/g, "").slice(0, 13);
  return `${symbol}-${window}-${time}Z${trigger.kind === "turn" ? "-turn" : ""}`;
}
