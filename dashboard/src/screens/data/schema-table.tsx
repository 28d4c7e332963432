import { LIQUIDATION_FIELDS } from "../../../../src/liquidation-fields.ts";
import { DataTable } from "../../parts/data-table.tsx";
import type { SchemaColumn } from "./parquet-day.ts";

const DESCRIPTIONS: ReadonlyMap<string, string> = new Map(LIQUIDATION_FIELDS.map(({ name, description }) => [name, description]));

/** The columns of a file, with the words of the data dictionary. */
export function SchemaTable({ schema }: { readonly schema: readonly SchemaColumn[] }) {
  return (
    <div class="scroll-box">
      <DataTable
        caption="Columns of the file"
        rows={schema}
        keyOf={({ name }) => name}
        columns={[
          { name: "column", cell: ({ name }) => <code>{name}</code> },
          { name: "type", cell: ({ type, isNullable }) => (isNullable ? `${type}, or null` : type) },
          { name: "meaning", cell: ({ name }) => <span class="meaning">{DESCRIPTIONS.get(name) ?? ""}</span> },
        ]}
      />
    </div>
  );
}
