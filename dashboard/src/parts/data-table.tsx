import type { ComponentChildren } from "preact";

export interface Column<Row> {
  readonly name: string;
  /** Numbers stand at the right, with tabular figures. */
  readonly align?: "left" | "right";
  /** True for what a narrow window can do without. */
  readonly isWide?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
}

interface DataTableProps<Row> {
  /** What the table shows, for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** A class for a row, such as that of the one that is open. */
  readonly classOf?: (row: Row) => string;
}

/** A table whose rows are all there. For thousands of rows take `VirtualList`. */
export function DataTable<Row>({ caption, columns, rows, keyOf, classOf }: DataTableProps<Row>) {
  const nameOf = (column: Column<Row>) => `${column.align === "right" ? "right" : ""}${column.isWide === true ? " wide-only" : ""}`;
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label={caption}>
      <table class="data-table">
        <caption class="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" class={nameOf(column)}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} class={classOf?.(row)}>
              {columns.map((column) => (
                <td key={column.name} class={nameOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
