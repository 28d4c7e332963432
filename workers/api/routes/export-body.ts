import * as z from "zod";
import type { Config } from "../../../src/config.ts";
import { COMPRESSIONS, EXPORT_FORMATS, type ExportRequest } from "../../../src/exports/export-request.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { parameters, requireCollected, requireRange } from "../http/parameters.ts";
import { type ParameterError, badParameters } from "../http/problem.ts";

const listOf = <Item extends z.ZodType>(item: Item, what: string) =>
  z
    .array(item, { error: `a list of ${what}` })
    .min(1, `at least one, or leave it out for all`)
    .max(200, "at most 200")
    .optional();

const time = z
  .union([z.int(), z.string()], { error: "a time: milliseconds since 1970, or ISO 8601 with Z or an offset" })
  .transform(String)
  .pipe(parameters.time);
const timeForm: { readonly override: { type: ("integer" | "string")[] } } = { override: { type: ["integer", "string"] } };

/** What an export is asked for with. */
export const exportBody = z
  .strictObject({
    start: time.meta({ description: "Milliseconds since 1970 UTC, or ISO 8601 with Z or an offset.", ...timeForm }),
    end: time.optional().meta({ description: "Not in it; now where it is left out. It may not lie in the future.", ...timeForm }),
    format: z.enum(EXPORT_FORMATS, { error: `one of ${EXPORT_FORMATS.join(", ")}` }),
    compression: z
      .enum(COMPRESSIONS, { error: `one of ${COMPRESSIONS.join(", ")}` })
      .default("none")
      .meta({ description: "gzip makes .gz files of the text formats; Parquet is compressed inside." }),
    symbols: listOf(parameters.symbol, "base assets such as BTC").meta({ description: "Base assets; all where it is left out." }),
    exchanges: listOf(z.enum(EXCHANGES, { error: `one of ${EXCHANGES.join(", ")}` }), EXCHANGES.join(", ")).meta({
      description: "Venues; all where it is left out.",
    }),
    include: parameters.include.optional().meta({ description: "inferred: also rows that no venue reported, but were inferred." }),
  })
  .meta({ id: "NewExport" });
export type ExportBody = z.output<typeof exportBody>;

/** What a body asks for, with what it left out; a range that cannot be is refused by the name of its end. */
export async function exportRequestOf(body: ExportBody, config: Config, db: D1Database, now: number): Promise<ExportRequest> {
  const errors: ParameterError[] = [];
  if (body.end !== undefined && body.end > now) {
    errors.push({ parameter: "end", detail: "lies in the future; leave it out for all until now" });
  }
  if (body.format === "parquet" && body.compression === "gzip") {
    errors.push({ parameter: "compression", detail: "not for parquet, which is compressed inside" });
  }
  if (errors.length > 0) throw badParameters(errors);
  const { start, end } = requireRange(body, now, 0);
  for (const symbol of body.symbols ?? []) {
    // One that was collected once may be had still.
    if (!(await hasTotals(db, symbol))) requireCollected(config, symbol, "symbols");
  }
  return {
    start,
    end,
    format: body.format,
    compression: body.compression,
    symbols: body.symbols === undefined ? null : [...new Set(body.symbols)].toSorted(),
    exchanges: body.exchanges === undefined ? null : EXCHANGES.filter((name) => body.exchanges?.includes(name)),
    inferred: body.include === "inferred",
  };
}

async function hasTotals(db: D1Database, symbol: string): Promise<boolean> {
  return (await db.prepare("SELECT 1 AS found FROM hour_totals WHERE symbol = ?1 LIMIT 1").bind(symbol).first()) !== null;
}
