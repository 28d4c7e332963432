import { table } from "../table.ts";

/** Something that was expected, beside what was found. */
export interface Check {
  readonly what: string;
  readonly expected: string;
  readonly found: string;
  /** How far the two may lie apart. */
  readonly tolerance: string;
  readonly agrees: boolean;
  /** True where a difference is shown, but does not decide the exit code. */
  readonly advisory?: boolean;
}

/** Whether nothing differs but what is advisory. */
export function isPassed(checks: readonly Check[]): boolean {
  return checks.every(({ agrees, advisory }) => agrees || advisory === true);
}

export function checkTable(expected: string, found: string, checks: readonly Check[]): string {
  const rows = checks.map((check) => [check.what, check.expected, check.found, check.tolerance, verdict(check)]);
  return table(["", expected, found, "tolerance", ""], rows);
}

function verdict({ agrees, advisory }: Check): string {
  if (agrees) return "agrees";
  return advisory === true ? "differs (advisory)" : "DIFFERS";
}
