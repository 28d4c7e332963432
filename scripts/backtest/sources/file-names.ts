import type { TextFormat } from "./read-text.ts";

/** What the name of a file says of it. */
export type NamedFile =
  /** All liquidations of a date, in a daily file, an export's file of a date, or one of its batches. */
  | { readonly kind: "day"; readonly date: string; readonly format: FileFormat }
  /** The minute marks of a date. */
  | { readonly kind: "marks_day"; readonly date: string; readonly format: FileFormat }
  /** Anything whose content has to be looked at. */
  | { readonly kind: "data"; readonly format: FileFormat }
  | { readonly kind: "other" };

export interface FileFormat {
  readonly format: "parquet" | TextFormat;
  readonly isGzip: boolean;
}

const FORMATS = { parquet: "parquet", csv: "csv", json: "json", ndjson: "ndjson", jsonl: "ndjson" } as const;
/** `liquidation_20261120.parquet` is a daily file, `liquidations_20261120.csv` an export's file of a date. */
const OF_DATE = /^(?:liquidation_(\d{4})(\d{2})(\d{2})\.parquet|liquidations_(\d{4})(\d{2})(\d{2})\.(?!manifest)[a-z.]+)$/;
const MARKS_OF_DATE = /^minute_marks_(\d{4})(\d{2})(\d{2})\.(?:parquet|csv|ndjson)(?:\.gz)?$/;
const BATCH = /(?:^|\/)date=(\d{4}-\d{2}-\d{2})\/venue=[a-z]+\/[^/]+\.parquet$/;

/** @param path relative, with slashes */
export function namedFile(path: string): NamedFile {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const format = formatOf(name);
  if (format === null) return { kind: "other" };
  const marks = MARKS_OF_DATE.exec(name)?.slice(1).join("-");
  if (marks !== undefined) return { kind: "marks_day", date: marks, format };
  const date = OF_DATE.exec(name)?.slice(1).filter(Boolean).join("-") ?? BATCH.exec(path)?.[1];
  return date === undefined ? { kind: "data", format } : { kind: "day", date, format };
}

/** Whether a file says by its name that it holds liquidations, so that it has to. */
export function claimsLiquidations(path: string): boolean {
  return /(?:^|\/)liquidations?_[^/]*$/.test(path);
}

function formatOf(name: string): FileFormat | null {
  const match = /\.(parquet|csv|json|ndjson|jsonl)(\.gz)?$/.exec(name);
  const format = FORMATS[match?.[1] as keyof typeof FORMATS] as FileFormat["format"] | undefined;
  return format === undefined || (format === "parquet" && match?.[2] !== undefined) ? null : { format, isGzip: match?.[2] !== undefined };
}
