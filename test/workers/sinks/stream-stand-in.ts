import type { StreamField } from "../../../src/pipeline/stream-schema.ts";
import type { StreamRecord } from "../../../src/pipeline/stream-record.ts";

/** The controls of the stand-in beside `send`. */
export interface StreamStandIn {
  send(records: StreamRecord[]): Promise<void>;
  /** Starts again with this schema, in order. */
  begin(fields: readonly StreamField[]): Promise<void>;
  /** From now on each request fails with the message, after its records were taken where `afterTaking`; null heals it. */
  fail(message: string | null, afterTaking?: boolean): Promise<void>;
  taken(): Promise<{
    readonly kept: readonly StreamRecord[];
    readonly dropped: readonly StreamRecord[];
    readonly requestBytes: readonly number[];
  }>;
}

/**
 * A Worker that behaves like the binding of a Pipelines stream, since the one of the local runtime takes everything and
 * keeps nothing: requests above 5 MB fail, and records that do not fit the schema are taken without a word and dropped.
 * https://developers.cloudflare.com/basin-pipelines/streams/writing-to-streams/#schema-validation
 */
export const STREAM_STAND_IN = `
  import { WorkerEntrypoint } from "cloudflare:workers";

  const RFC_3339 = /^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?Z$/;
  const FITS = {
    string: (value) => typeof value === "string" && value.isWellFormed(),
    timestamp: (value) => Number.isInteger(value) || RFC_3339.test(value),
    float64: (value) => Number.isFinite(value),
    int32: (value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 31,
    int64: (value) => Number.isSafeInteger(value),
  };

  let state;

  export default class extends WorkerEntrypoint {
    begin(fields) {
      state = { fields, kept: [], dropped: [], requestBytes: [], message: null, afterTaking: false };
    }

    fail(message, afterTaking = false) {
      Object.assign(state, { message, afterTaking });
    }

    taken() {
      const { kept, dropped, requestBytes } = state;
      return { kept, dropped, requestBytes };
    }

    async send(records) {
      if (!Array.isArray(records)) throw new TypeError("records must be an array");
      if (state.message !== null && !state.afterTaking) throw new Error(state.message);
      const json = JSON.stringify(records);
      const bytes = new TextEncoder().encode(json).length;
      if (bytes > 5_000_000) throw new Error("payload too large");
      state.requestBytes.push(bytes);
      for (const record of JSON.parse(json)) {
        const sound = state.fields.every(({ name, type, required }) => (record[name] == null ? !required : FITS[type](record[name])));
        (sound ? state.kept : state.dropped).push(record);
      }
      if (state.message !== null) throw new Error(state.message);
    }
  }
`;
