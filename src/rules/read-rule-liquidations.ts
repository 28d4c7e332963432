import { LIQUIDATION_FIELDS } from "../liquidation-fields.ts";
import { type RowsByPlace, readSomeFields } from "../parquet/decode.ts";
import { RULE_LIQUIDATION_FIELDS, type RuleLiquidation } from "./rule-fields.ts";

const FIELDS = LIQUIDATION_FIELDS.filter(({ name }) => RULE_LIQUIDATION_FIELDS.some((one) => one === name));

/** The liquidations of a Parquet file, with what rules read of them. */
export function readRuleLiquidations(bytes: Uint8Array, part: RowsByPlace | null = null): readonly RuleLiquidation[] {
  return readSomeFields(FIELDS, bytes, part) as readonly RuleLiquidation[];
}
