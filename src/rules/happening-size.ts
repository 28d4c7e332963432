import { ruleField } from "./rule-fields.ts";

/** The size of something that happened to a rule, and the field that has it. */
export interface HappeningSize {
  readonly field: string;
  readonly usd: number;
}

/**
 * The USD of the liquidation that a happening is about, else the largest USD of the windows and cascades of its rule: one that a
 * rule asks to be small is not its size. Null where it has neither, or all are unknown.
 */
export function sizeOf(happening: { readonly values?: unknown; readonly liquidation_id?: unknown }): HappeningSize | null {
  const { values, liquidation_id: id } = happening;
  if (typeof values !== "object" || values === null) return null;
  const sizes = Object.entries(values).flatMap(([field, usd]: readonly [string, unknown]): readonly HappeningSize[] => {
    const isSize = typeof id === "string" ? field === "usd_value" : isSumInUsd(field);
    return isSize && typeof usd === "number" ? [{ field, usd }] : [];
  });
  return sizes.toSorted((a, b) => b.usd - a.usd)[0] ?? null;
}

function isSumInUsd(name: string): boolean {
  const field = ruleField(name);
  return field !== null && (field.group === "window" || field.group === "cascade") && field.unit === "USD";
}
