import * as z from "zod";
import type { Config } from "../../../src/config.ts";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import type { WindowName } from "../../../src/windows/window.ts";
import { type ProblemError, badParameters } from "./problem.ts";

/** As long as the longest-kept totals: what is asked beyond could only be empty. */
const LONGEST_RANGE_DAYS = 400;
const MAX_LIMIT = 1_000;
/** 10000-01-01, where ISO 8601 years end. */
const LAST_TIME = 253_402_300_800_000;

const isoTime = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

const time = z.string().transform((text, context): number => {
  const whole = /^\d{1,15}$/.test(text) ? Number(text) : null;
  const value = whole ?? (isoTime.safeParse(text).success ? Date.parse(text) : Number.NaN);
  if (value >= 0 && value < LAST_TIME) return value;
  context.addIssue({
    code: "custom",
    message: "a time: milliseconds since 1970, or ISO 8601 with Z or an offset such as 2026-11-22T07:00:00Z",
  });
  return z.NEVER;
});

const oneOf = <const Values extends readonly string[]>(values: Values) => z.enum(values, { error: `one of ${values.join(", ")}` });

/** Of the address all parameters are texts; what is said of them here is what the texts have to be. */
const TIME_TYPES: { type: ("integer" | "string")[] } = { type: ["integer", "string"] };

/** The parameters routes share; each route picks its own. */
export const parameters = {
  symbol: z
    .string()
    .refine((text) => /^[\p{L}\p{N}]{1,20}$/u.test(text), "a base asset such as BTC")
    .transform((text) => text.toUpperCase())
    .meta({
      description: "Base asset, whatever the quote. One that is not collected is refused.",
      // Without the pattern: not every reader of the document takes it for a Unicode one.
      override: { minLength: 1, maxLength: 20, examples: ["BTC"] },
    }),
  exchange: oneOf(EXCHANGES).meta({ description: "Venue." }),
  side: oneOf(POSITION_SIDES).meta({ description: "Whose positions were closed." }),
  /** What is left out unless asked for. */
  include: oneOf(["inferred"]).meta({ description: "inferred: also rows that no venue reported, but were inferred." }),
  order: oneOf(["asc", "desc"]).meta({ description: "desc: the newest first." }),
  time,
  start: time.meta({
    description: "Beginning of the range, in it: milliseconds since 1970 UTC, or ISO 8601 with Z or an offset.",
    override: { ...TIME_TYPES, examples: ["2026-11-21T00:00:00Z", 1_795_219_200_000] },
  }),
  end: time.meta({
    description: "End of the range, not in it: milliseconds since 1970 UTC, or ISO 8601 with Z or an offset. Now where it is left out.",
    override: { ...TIME_TYPES, examples: ["2026-11-22T00:00:00Z", 1_795_305_600_000] },
  }),
  usd: z
    .string()
    .refine((text) => /^\d{1,15}(\.\d{1,8})?$/.test(text), "an amount of USD such as 100000")
    .transform(Number)
    .meta({ override: { type: "number", minimum: 0, examples: [100_000] } }),
  limit: z
    .string()
    .transform((text) => (/^\d{1,4}$/.test(text) ? Number(text) : 0))
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, `a whole number from 1 to ${MAX_LIMIT}`)
    .meta({ description: "Items a page has at most.", override: { type: "integer", minimum: 1, maximum: MAX_LIMIT } }),
  cursor: z
    .string()
    .max(1_000, "not a cursor")
    .meta({ description: "`meta.next_cursor` of the page before, with the same other parameters." }),
  window: oneOf(["15m", "1h", "4h", "24h"] as const satisfies readonly WindowName[]).meta({ description: "Length of the window." }),
  interval: oneOf(["1m", "1h", "1d"]).meta({ description: "Length of a step; hours and days are UTC." }),
  fileName: z
    .string()
    .regex(/^(?!.*\.\.)[\w.-]{1,100}$/, "a file's name as the manifest gives it")
    .meta({ description: "A file's name as the manifest gives it.", examples: ["liquidation_20261120.parquet"] }),
};

/** Refuses a base asset that is not collected: its totals would be a zero nobody measured. */
export function requireCollected(config: Config, symbol: string, parameter = "symbol"): void {
  if (config.LIQUIDATION_SYMBOLS === "*" || config.LIQUIDATION_SYMBOLS.has(symbol)) return;
  throw refuse(parameter, `${symbol} is not collected; one of ${[...config.LIQUIDATION_SYMBOLS].join(", ")}`);
}

/** The range asked for, with defaults for what was left out. */
export function requireRange(
  asked: { readonly start?: number | undefined; readonly end?: number | undefined },
  now: number,
  defaultLength: number,
): TimeRange {
  const end = asked.end ?? now;
  const start = asked.start ?? end - defaultLength;
  if (start > now) throw refuse("start", "lies in the future");
  if (end <= start) throw refuse(asked.end === undefined ? "start" : "end", "the range [start, end) is empty");
  if (end - start > LONGEST_RANGE_DAYS * DAY_MS) throw refuse("start", `the range is longer than ${LONGEST_RANGE_DAYS} days`);
  return { start, end };
}

function refuse(parameter: string, detail: string): ProblemError {
  return badParameters([{ parameter, detail }]);
}
