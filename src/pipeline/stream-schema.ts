import type { FieldType } from "../liquidation-fields.ts";
import { LIQUIDATION_FIELDS } from "../liquidation-fields.ts";

/**
 * The columns of a Cloudflare Pipelines stream, in the format of `wrangler pipelines streams create --schema-file`:
 * https://developers.cloudflare.com/basin-pipelines/streams/manage-streams/#schema-configuration
 */
export interface StreamSchema {
  readonly fields: readonly StreamField[];
}

export interface StreamField extends StreamType {
  readonly name: string;
  /** The pipeline silently drops a record without this field, or with null in it. */
  readonly required: boolean;
}

interface StreamType {
  readonly type: "string" | "timestamp" | "float64" | "int32" | "int64";
  readonly unit?: "millisecond";
}

const STREAM_TYPES = {
  text: { type: "string" },
  time: { type: "timestamp", unit: "millisecond" },
  double: { type: "float64" },
  int32: { type: "int32" },
  int64: { type: "int64" },
} as const satisfies Record<FieldType, StreamType>;

export const STREAM_SCHEMA: StreamSchema = {
  fields: LIQUIDATION_FIELDS.map(({ name, type, nullable }) => ({ name, ...STREAM_TYPES[type], required: !nullable })),
};
