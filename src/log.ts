/** One line of the log: what happened, by a name in snake case, and the numbers and ids that belong to it. Nothing secret. */
export interface LogEntry {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** Where a part of the collector writes its lines. */
export type Log = (entry: LogEntry) => void;

const WRITERS = {
  info: (line: string) => console.log(line),
  warn: (line: string) => console.warn(line),
  error: (line: string) => console.error(line),
} as const;

/** Writes one JSON object a line, as Workers Logs index it. https://developers.cloudflare.com/workers/observability/logs/workers-logs/ */
export function writeLog(level: keyof typeof WRITERS, entry: LogEntry): void {
  WRITERS[level](JSON.stringify(entry));
}
