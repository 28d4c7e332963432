import * as z from "zod";
import type { TableRow } from "./upsert.ts";

const schema = z.array(z.record(z.string(), z.unknown()));

/**
 * The rows of an answer.
 * @throws {z.ZodError} where the answer is no list of rows
 */
export function tableRows(data: unknown): readonly TableRow[] {
  return schema.parse(data);
}
