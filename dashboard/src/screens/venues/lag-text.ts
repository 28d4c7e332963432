/** `+1.29`, `−0.09`, in seconds. */
export function lagText(ms: number): string {
  const text = (Math.abs(ms) / 1_000).toFixed(2);
  return text === "0.00" ? text : `${ms > 0 ? "+" : "−"}${text}`;
}
