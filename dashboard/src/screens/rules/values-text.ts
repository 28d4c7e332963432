/** The values of a rule's fields on one line: `long_usd_5m 4,210,000, spread_bps unknown`. */
export function valuesText(values: Readonly<Record<string, number | string | null>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${valueText(value)}`)
    .join(", ");
}

function valueText(value: number | string | null): string {
  if (value === null) return "unknown";
  return typeof value === "number" ? value.toLocaleString("en-US", { maximumSignificantDigits: 6 }) : value;
}
