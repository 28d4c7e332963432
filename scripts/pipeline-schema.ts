import { STREAM_SCHEMA } from "../src/pipeline/stream-schema.ts";

/** Prints the schema of the Pipelines stream, for `wrangler pipelines streams create --schema-file`. */
process.stdout.write(`${JSON.stringify(STREAM_SCHEMA, null, 2)}\n`);
