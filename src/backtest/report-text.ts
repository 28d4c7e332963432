/** Numbers as the report prints them; an empty text for what is unknown. */

export function percent(share: number | null): string {
  return share === null ? "" : `${(100 * share).toFixed(1)}%`;
}

export function fixed(value: number | null, digits: number): string {
  return value === null ? "" : value.toFixed(digits);
}

export function isoMinute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16)}Z`;
}

export function number(value: number): string {
  return value.toLocaleString("en-US");
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}
