import type { ColumnName } from "./export-request.ts";
import type { Liquidation } from "../liquidation.ts";

/**
 * CSV according to RFC 4180: a header row, CRLF, and quotes where a value needs them. Null is empty, an empty text is
 * `""`. A text that a spreadsheet would run as a formula gets an apostrophe in front. Numbers do not, because their
 * sign does not start a formula (https://owasp.org/www-community/attacks/CSV_Injection).
 */
export function csvHeader(columns: readonly ColumnName[]): string {
  return `${columns.join(",")}\r\n`;
}

const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const SPECIAL = /[",\r\n]/;

export function csvRows(rows: readonly Liquidation[], columns: readonly ColumnName[]): string {
  let text = "";
  for (const row of rows) {
    let separator = "";
    for (const name of columns) {
      text += separator + csvValue(row[name]);
      separator = ",";
    }
    text += "\r\n";
  }
  return text;
}

export function csvValue(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return safe === "" || SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
