/** A table for the console: the first column is left-aligned, the others are right-aligned. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const isNumber = header.map((_name, column) => rows.length > 0 && rows.every((row) => /^[−-]?[\d.,]*[%x×]?$/.test(row[column] ?? "")));
  const line = (cells: readonly string[]) =>
    `│ ${widths.map((width, column) => (isNumber[column] ? (cells[column] ?? "").padStart(width) : (cells[column] ?? "").padEnd(width))).join(" │ ")} │`;
  const rule = (left: string, middle: string, right: string) =>
    `${left}${widths.map((width) => "─".repeat(width + 2)).join(middle)}${right}`;
  return [rule("┌", "┬", "┐"), line(header), rule("├", "┼", "┤"), ...rows.map(line), rule("└", "┴", "┘")].join("\n");
}
