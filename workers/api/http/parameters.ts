import * as z from "zod";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import { windowOfText } from "../../../src/windows/window.ts";
import { type ProblemError, badParameters } from "./problem.ts";
import { HOURS_KEPT_MS } from "../../../src/windows/kept.ts";

/** The longest retention of any totals: a longer range could only add empty steps. */
export const MAX_RANGE_DAYS = HOURS_KEPT_MS / DAY_MS;
const MAX_LIMIT = 1_000;
/** 10000-01-01, where ISO 8601 years end. */
export const LAST_TIME = 253_402_300_800_000;

const isoTime = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

const time = z.string().transform((text, context): number => {
  const whole = /^\d{1,15}$/.test(text) ? Number(text) : null;
  const value = whole ?? (isoTime.safeParse(text).success ? Date.parse(text) : Number.NaN);
  if (value >= 0 && value < LAST_TIME) return value;
  context.addIssue({
    code: "custom",
    message: "must be a time: milliseconds since 1970, or ISO 8601 with Z or an offset such as 2026-11-22T07:00:00Z",
  });
  return z.NEVER;
});

const oneOf = <const Values extends readonly string[]>(values: Values) => z.enum(values, { error: `must be one of ${values.join(", ")}` });

/** Query parameters arrive as text; the document states the types that the text is read as. */
const TIME_TYPES: { type: ("integer" | "string")[] } = { type: ["integer", "string"] };

/** The parameters that operations share; each operation picks its own. */
export const parameters = {
  symbol: z
    .string({ error: "must be a base asset such as BTC" })
    .refine((text) => /^[\p{L}\p{N}]{1,20}$/u.test(text), "must be a base asset such as BTC")
    .transform((text) => text.toUpperCase())
    .meta({
      description: "Base asset, over all quotes. One that is not collected is a 404 that names the nearest ones.",
      // Without the pattern: not every tool that reads the document treats it as a Unicode pattern.
      override: { minLength: 1, maxLength: 20, examples: ["BTC"] },
    }),
  exchange: oneOf(EXCHANGES).meta({ description: "Name of the venue." }),
  side: oneOf(POSITION_SIDES).meta({ description: "Side of the closed positions." }),
  /** Data that is omitted by default. */
  include: oneOf(["inferred"]).meta({
    description: "Additional data: inferred adds liquidations that no venue reported and that were inferred from market data.",
  }),
  order: oneOf(["asc", "desc"]).meta({ description: "Order by time; desc returns the newest first." }),
  time,
  start: time.meta({
    description: "Start of the range, inclusive: milliseconds since 1970 UTC, or ISO 8601 with Z or an offset.",
    override: { ...TIME_TYPES, examples: ["2026-11-21T00:00:00Z", 1_795_219_200_000] },
  }),
  end: time.meta({
    description: "End of the range, exclusive: milliseconds since 1970 UTC, or ISO 8601 with Z or an offset. Default: now.",
    override: { ...TIME_TYPES, examples: ["2026-11-22T00:00:00Z", 1_795_305_600_000] },
  }),
  usd: z
    .string()
    .refine((text) => /^\d{1,15}(\.\d{1,8})?$/.test(text), "must be an amount of USD such as 100000")
    .transform(Number)
    .meta({ override: { type: "number", minimum: 0, examples: [100_000] } }),
  limit: z
    .string()
    .transform((text) => (/^\d{1,4}$/.test(text) ? Number(text) : 0))
    .refine((limit) => limit >= 1 && limit <= MAX_LIMIT, `must be a whole number from 1 to ${MAX_LIMIT}`)
    .meta({ description: "Maximum number of items per page.", override: { type: "integer", minimum: 1, maximum: MAX_LIMIT } }),
  cursor: z
    .string()
    .max(1_000, "is not a cursor")
    .meta({ description: "`meta.next_cursor` of the previous page; all other parameters stay the same." }),
  window: z
    .string()
    .refine((text) => windowOfText(text) !== null, "must be a length from 1m to 24h: a whole number with m or h")
    .meta({
      description: "Length of the window, in whole minutes or hours from 1m to 24h. Only multiples of 15m have a percentile.",
      override: { type: "string", pattern: "^[1-9][0-9]{0,3}[mh]$", examples: ["15m", "90m", "4h"] },
    }),
  interval: oneOf(["1m", "1h", "1d"]).meta({ description: "Length of a step; hours and days start in UTC." }),
  fileName: z
    .string()
    .regex(/^(?!.*\.\.)[\w.-]{1,100}$/, "must be the name of a file in the manifest")
    .meta({ description: "Name of a file in the manifest.", examples: ["liquidation_20261120.parquet"] }),
};

/** The requested range, with defaults. */
export function requireRange(
  asked: { readonly start?: number | undefined; readonly end?: number | undefined },
  now: number,
  defaultLength: number,
): TimeRange {
  const end = asked.end ?? now;
  const start = asked.start ?? end - defaultLength;
  if (start > now) throw refuse("start", "lies in the future");
  if (end <= start) throw refuse(asked.end === undefined ? "start" : "end", "the range [start, end) is empty");
  if (end - start > MAX_RANGE_DAYS * DAY_MS) throw refuse("start", `the range is longer than ${MAX_RANGE_DAYS} days`);
  return { start, end };
}

function refuse(parameter: string, detail: string): ProblemError {
  return badParameters([{ parameter, detail }]);
}
