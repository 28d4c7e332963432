import { z } from "zod";
import { dailyFileKey } from "../../../src/daily/daily-keys.ts";
import { DATASET_KINDS } from "../../../src/daily/dataset-kind.ts";
import { markFileKey } from "../../../src/daily/mark-keys.ts";
import { cutGaps, fileCoverage } from "../../../src/file-coverage.ts";
import { EXPORT_KINDS } from "../../../src/exports/export-kind.ts";
import { GAP_REASONS } from "../../../src/gap.ts";
import { EXCHANGES, POSITION_SIDES } from "../../../src/liquidation-fields.ts";
import type { ExchangeName } from "../../../src/liquidation.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import type { TimeRange } from "../../../src/windows/range-parts.ts";
import type { CoveredPart } from "./coverage.ts";
import { InputError } from "./source.ts";

/** A file that a manifest names. */
export interface ListedFile {
  readonly name: string;
  /** Null where the manifest gives none. */
  readonly sha256: string | null;
}

export interface Manifest {
  /** The manifest itself. */
  readonly name: string;
  readonly files: readonly ListedFile[];
  /** Null where it is of minute marks or estimated totals: they vouch for no liquidations. */
  readonly part: CoveredPart | null;
  readonly filters: Filters;
}

/** The filters of an export. */
export interface Filters {
  readonly side: (typeof POSITION_SIDES)[number] | null;
  readonly minUsd: number | null;
}

const UNFILTERED: Filters = { side: null, minUsd: null };

const gaps = z.array(
  z.object({ exchange: z.enum(EXCHANGES), from_time: z.int(), to_time: z.int().nullable(), reason: z.enum(GAP_REASONS) }),
);
const ranges = z.array(z.object({ start: z.int(), end: z.int(), code: z.string() }));
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const symbols = z.array(z.string()).nullable().default(null);
const side = z.enum(POSITION_SIDES).nullable().default(null);
const minUsd = z.number().nullable().default(null);

/** The manifest of a day as in R2, as `GET /v1/datasets/{date}` gives it, or as a simulated market has it. */
const dayManifest = z.object({ kind: z.enum(DATASET_KINDS).default("liquidations"), date: z.iso.date(), sha256: sha256.optional(), gaps });

const exportManifest = z.object({
  request: z.object({
    kind: z.enum(EXPORT_KINDS).default("liquidations"),
    start: z.int(),
    end: z.int(),
    symbols,
    exchanges: z.array(z.enum(EXCHANGES)).nullable(),
    side,
    min_usd: minUsd,
  }),
  files: z.array(z.object({ name: z.string(), sha256 })),
  gaps,
  not_covered: ranges,
});

/** The metadata of an exported or daily Parquet file. */
const metadataSchema = z.object({ ...fileCoverage.shape, not_covered: ranges.default([]), symbols, side, min_usd: minUsd });

/** Of a part with this code only the gaps are unknown, not the rows. */
const ROWS_ARE_THERE = "gaps_unknown";

/**
 * The manifest in a JSON value: bare, or as the API answers it. Null where the value is none.
 * @throws {InputError} where it has the form of a manifest, and is none
 */
export function manifestIn(value: unknown, name: string): Manifest | null {
  const bare = unwrapped(value);
  if (!isObject(bare) || !("gaps" in bare)) return null;
  if ("request" in bare) return exportManifestOf(checked(exportManifest, bare, name), name);
  if ("date" in bare) return dayManifestOf(checked(dayManifest, bare, name), name);
  return null;
}

/** What the metadata of a Parquet file says of its coverage; null where it says nothing, as in batches and older files. */
export function coverageInMetadata(metadata: unknown, name: string): { readonly part: CoveredPart; readonly filters: Filters } | null {
  if (!isObject(metadata) || !("coverage" in metadata) || !("gaps" in metadata)) return null;
  const parsed = checked(metadataSchema, metadata, name);
  const { start, end, coverage, gaps: own, not_covered } = parsed;
  return {
    part: {
      name,
      range: { start, end },
      venues: Object.keys(coverage) as ExchangeName[],
      symbols: parsed.symbols,
      gaps: own,
      notCovered: lacking(not_covered),
      knowsGaps: true,
    },
    filters: { side: parsed.side, minUsd: parsed.min_usd },
  };
}

function dayManifestOf({ kind, date, sha256: hash, gaps: own }: z.output<typeof dayManifest>, name: string): Manifest {
  const range = { start: Date.parse(date), end: Date.parse(date) + DAY_MS };
  const file = kind === "minute_marks" ? markFileKey(date) : dailyFileKey(date);
  const part = { name, range, venues: null, symbols: null, gaps: cutGaps(own, range), notCovered: [], knowsGaps: true };
  return {
    name,
    files: hash === undefined ? [] : [{ name: file.slice(file.lastIndexOf("/") + 1), sha256: hash }],
    part: kind === "liquidations" ? part : null,
    filters: UNFILTERED,
  };
}

function exportManifestOf({ request, files, gaps: own, not_covered }: z.output<typeof exportManifest>, name: string): Manifest {
  const { start, end, symbols: only, exchanges: venues } = request;
  const range = { start, end };
  const part = { name, range, venues, symbols: only, gaps: cutGaps(own, range), notCovered: lacking(not_covered), knowsGaps: true };
  return { name, files, part: request.kind === "liquidations" ? part : null, filters: { side: request.side, minUsd: request.min_usd } };
}

function lacking(parts: z.output<typeof ranges>): readonly TimeRange[] {
  return parts.filter(({ code }) => code !== ROWS_ARE_THERE).map(({ start, end }) => ({ start, end }));
}

/** `GET /v1/datasets/{date}` answers `data`, `GET /v1/exports/{id}` `data.manifest`. */
function unwrapped(value: unknown): unknown {
  if (!isObject(value) || !("data" in value)) return value;
  const { data } = value;
  return isObject(data) && isObject(data["manifest"]) ? data["manifest"] : data;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, name: string): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new InputError(`${name} is no manifest of ours: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}; download it again`);
}
