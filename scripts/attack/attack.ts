/** One request of an attack. */
export interface Attack {
  /** The kind of abuse: a row of the report. */
  readonly category: string;
  /** What it tries, in a few words. */
  readonly name: string;
  readonly method?: string;
  /** Path and query, as they are sent. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The statuses that are right; by default any below 500. */
  readonly expect?: readonly number[];
  /** A fault of the response beyond its status, or null. */
  readonly judge?: (response: Answer) => string | null;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly tookMs: number;
}

export interface Failure {
  readonly attack: Attack;
  readonly answer: Answer | null;
  readonly what: string;
}
