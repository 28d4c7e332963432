/**
 * The id of a decision, such as `BTC-15m-20261120T1405Z`: always the same for the same scheduled minute, base asset and
 * window.
 */
export function signalId(symbol: string, window: string, minute: number): string {
  const time = new Date(minute).toISOString().replaceAll(/[-:]/g, "").slice(0, 13);
  return `${symbol}-${window}-${time}Z`;
}
