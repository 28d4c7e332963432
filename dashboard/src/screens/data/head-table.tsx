import { DataTable } from "../../parts/data-table.tsx";
import { momentText } from "../../parts/format.ts";
import type { Cell, OpenedDay, SchemaColumn } from "./parquet-day.ts";

const DIGITS = 8;

/** The first rows of a file as they are in it. */
export function HeadTable({ rows, schema }: { readonly rows: OpenedDay["head"]; readonly schema: readonly SchemaColumn[] }) {
  return (
    <div class="scroll-box">
      <DataTable
        caption="First rows of the file"
        rows={rows}
        keyOf={(row) => String(row["event_id"])}
        columns={schema.map((column) => ({
          name: column.name,
          ...(column.type === "text" ? {} : { align: "right" as const }),
          cell: (row: OpenedDay["head"][number]) => <CellView value={row[column.name] ?? null} column={column} />,
        }))}
      />
    </div>
  );
}

function CellView({ value, column }: { readonly value: Cell; readonly column: SchemaColumn }) {
  if (value === null) return <span class="null">null</span>;
  if (typeof value === "string") return <>{value}</>;
  if (column.name.endsWith("_time")) return <time dateTime={new Date(value).toISOString()}>{momentText(value)}</time>;
  return <>{Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(DIGITS)))}</>;
}
