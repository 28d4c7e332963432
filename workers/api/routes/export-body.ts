import * as z from "zod";
import { EXPORT_KINDS, type ExportKind } from "../../../src/exports/export-kind.ts";
import { COLUMNS, COLUMN_NAMES, COMPRESSIONS, EXPORT_FORMATS, type ExportRequest } from "../../../src/exports/export-request.ts";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import { requireAllCollected } from "../http/collected.ts";
import type { ApiContext } from "../http/api-env.ts";
import { parameters, requireRange } from "../http/parameters.ts";
import { type ParameterError, badParameters } from "../http/problem.ts";

const listOf = <Item extends z.ZodType>(item: Item, what: string) =>
  z
    .array(item, { error: `must be a list of ${what}` })
    .min(1, "must have at least one item; omit it for all")
    .max(200, "must have at most 200 items")
    .optional();

const time = z
  .union([z.int(), z.string()], { error: "must be a time: milliseconds since 1970, or ISO 8601 with Z or an offset" })
  .transform(String)
  .pipe(parameters.time);
const timeForm: { readonly override: { type: ("integer" | "string")[] } } = { override: { type: ["integer", "string"] } };

/** The request body of an export and of its estimate. */
export const exportBody = z
  .strictObject({
    kind: z
      .enum(EXPORT_KINDS, { error: `must be one of ${EXPORT_KINDS.join(", ")}` })
      .default("liquidations")
      .meta({
        description:
          "The rows: liquidations; the minute marks of the venues, to which only times, base assets, venues and columns apply; or estimated totals by minute, venue and side, to which a side applies as well. Estimated totals are estimates: each row has its method and status.",
      }),
    start: time.meta({
      description: "Start of the range, inclusive: milliseconds since 1970 UTC, or ISO 8601 with Z or an offset.",
      ...timeForm,
    }),
    end: time.optional().meta({ description: "End of the range, exclusive; it must not lie in the future. Default: now.", ...timeForm }),
    format: z.enum(EXPORT_FORMATS, { error: `must be one of ${EXPORT_FORMATS.join(", ")}` }),
    compression: z
      .enum(COMPRESSIONS, { error: `must be one of ${COMPRESSIONS.join(", ")}` })
      .default("none")
      .meta({ description: "Compression of the files: gzip turns text formats into .gz files. Parquet is always compressed internally." }),
    symbols: listOf(parameters.symbol, "base assets such as BTC").meta({ description: "Base assets. Default: all." }),
    exchanges: listOf(z.enum(EXCHANGES, { error: `must be one of ${EXCHANGES.join(", ")}` }), EXCHANGES.join(", ")).meta({
      description: "Venues. Default: all.",
    }),
    side: z
      .enum(POSITION_SIDES, { error: `must be one of ${POSITION_SIDES.join(", ")}` })
      .optional()
      .meta({ description: "Side of the closed positions. Default: both." }),
    min_usd: z
      .number({ error: "must be an amount of USD such as 100000" })
      .min(0, "must be an amount of USD such as 100000")
      .max(1e15, "must be an amount of USD such as 100000")
      .optional()
      .meta({ description: "Minimum usd_value. Any value, even 0, excludes events whose usd_value is null. Default: all events." }),
    columns: listOf(z.enum(COLUMN_NAMES, { error: "must be names of fields of the rows" }), "names of fields of the rows").meta({
      description: "Columns of the files, each a field of the rows; their order is that of the data dictionary. Default: all.",
    }),
    include: parameters.include
      .optional()
      .meta({ description: "Additional data: inferred adds liquidations that no venue reported and that were inferred from market data." }),
  })
  .meta({ id: "NewExport" });
export type ExportBody = z.output<typeof exportBody>;

/**
 * The export request of a body, with defaults filled in.
 * @throws {ProblemError} 400 where the range is impossible, 404 where a symbol was never collected
 */
export async function exportRequestOf(c: ApiContext, body: ExportBody): Promise<ExportRequest> {
  const now = c.get("deps").now();
  const errors: ParameterError[] = [];
  if (body.end !== undefined && body.end > now) {
    errors.push({ parameter: "end", detail: "lies in the future; omit it to export until now" });
  }
  if (body.format === "parquet" && body.compression === "gzip") {
    errors.push({ parameter: "compression", detail: "must be none for parquet, which is compressed internally" });
  }
  errors.push(...unfitFilters(body));
  if (errors.length > 0) throw badParameters(errors);
  const { start, end } = requireRange(body, now, 0);
  await requireAllCollected(c, body.symbols ?? [], true);
  return {
    kind: body.kind,
    start,
    end,
    format: body.format,
    compression: body.compression,
    symbols: body.symbols === undefined ? null : [...new Set(body.symbols)].toSorted(),
    exchanges: body.exchanges === undefined ? null : EXCHANGES.filter((name) => body.exchanges?.includes(name)),
    side: body.side ?? null,
    min_usd: body.min_usd ?? null,
    columns: body.columns === undefined ? null : COLUMNS[body.kind].filter((name) => body.columns?.includes(name)),
    inferred: body.include === "inferred",
  };
}

/** Filters and columns that the rows of the kind do not have. */
function unfitFilters({ kind, columns, ...body }: ExportBody): readonly ParameterError[] {
  const names: readonly string[] = COLUMNS[kind];
  const unknown = (columns ?? []).filter((name) => !names.includes(name));
  const ofColumns = unknown.map((name) => ({
    parameter: "columns",
    detail: `${name} is no field of ${kind}; allowed: ${names.join(", ")}`,
  }));
  const unfit = FILTERS_NOT_OF[kind].filter((name) => body[name] !== undefined);
  return [...ofColumns, ...unfit.map((parameter) => ({ parameter, detail: `does not apply to ${kind}` }))];
}

const FILTERS_NOT_OF: Readonly<Record<ExportKind, readonly ("side" | "min_usd" | "include")[]>> = {
  liquidations: [],
  minute_marks: ["side", "min_usd", "include"],
  estimated_totals: ["min_usd", "include"],
};
