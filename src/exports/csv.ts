/**
 * CSV according to RFC 4180: a header row, CRLF, and quotes where a value needs them. Null is empty, an empty text is
 * `""`. A text that a spreadsheet would run as a formula gets an apostrophe in front. Numbers do not, because their
 * sign does not start a formula (https://owasp.org/www-community/attacks/CSV_Injection).
 */
export function csvHeader(columns: readonly string[]): string {
  return `${columns.join(",")}\r\n`;
}

const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;
const SPECIAL = /[",\r\n]/;
/** Nearly every text: it needs neither quotes nor an apostrophe. */
const PLAIN = /^\w[\w:.-]*$/;

type Value = string | number | null;

export function csvValue(value: Value): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  if (PLAIN.test(value)) return value;
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return safe === "" || SPECIAL.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
