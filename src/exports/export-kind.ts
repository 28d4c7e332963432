import { DATASET_KINDS } from "../daily/dataset-kind.ts";
import { ESTIMATE_SCHEMA_VERSION, ESTIMATED_TOTAL_FIELDS } from "../estimates/estimated-total-fields.ts";
import { type ColumnSpec, LIQUIDATION_FIELDS, SCHEMA_VERSION } from "../liquidation-fields.ts";
import { MARK_SCHEMA_VERSION, MINUTE_MARK_FIELDS } from "../minute-mark-fields.ts";

/** What the rows of an export are: those of daily files, or estimated totals, of which there are no daily files. */
export const EXPORT_KINDS = [...DATASET_KINDS, "estimated_totals"] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

interface RowsOfKind {
  /** The fields of the rows, of which the files have some or all as columns. */
  readonly fields: readonly ColumnSpec[];
  /** The version of the list of fields. */
  readonly schemaVersion: number;
}

export const ROWS_OF_KIND: Readonly<Record<ExportKind, RowsOfKind>> = {
  liquidations: { fields: LIQUIDATION_FIELDS, schemaVersion: SCHEMA_VERSION },
  minute_marks: { fields: MINUTE_MARK_FIELDS, schemaVersion: MARK_SCHEMA_VERSION },
  estimated_totals: { fields: ESTIMATED_TOTAL_FIELDS, schemaVersion: ESTIMATE_SCHEMA_VERSION },
};
