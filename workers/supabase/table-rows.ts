import * as z from "zod";
import type { TableRow } from "./upsert.ts";

const schema = z.array(z.record(z.string(), z.unknown()));

/**
 * The rows of a response.
 * @throws {z.ZodError} where the response is not a list of rows
 */
export function tableRows(data: unknown): readonly TableRow[] {
  return schema.parse(data);
}
