/** One line of the log: the event by a name in snake case, with its numbers and ids. Nothing secret. */
export interface LogEntry {
  readonly event: string;
  readonly [field: string]: unknown;
}

/** The logger of a part of the collector. */
export type Log = (entry: LogEntry) => void;

const WRITERS = {
  info: (line: string) => console.log(line),
  warn: (line: string) => console.warn(line),
  error: (line: string) => console.error(line),
} as const;

/**
 * Writes one JSON object per line, as indexed by Workers Logs.
 * https://developers.cloudflare.com/workers/observability/logs/workers-logs/
 */
export function writeLog(level: keyof typeof WRITERS, entry: LogEntry): void {
  WRITERS[level](JSON.stringify(entry));
}
