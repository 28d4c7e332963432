/**
 * The wait in a `Retry-After` header, ms; null where there is none or it is invalid.
 * @param now ms
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-retry-after
 */
export function retryAfterMs(header: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const time = text === "" ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? null : Math.max(0, time - now);
}
