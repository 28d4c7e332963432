import type * as z from "zod";
import type { ApiContext } from "./api-env.ts";
import { type ParameterError, badParameters } from "./problem.ts";

/** The parameters of the address, read by a schema; one given twice is an error. */
export function readQuery<Query>(c: ApiContext, schema: z.ZodType<Query>): Query {
  const { searchParams } = new URL(c.req.url);
  const names = [...new Set(searchParams.keys())];
  const repeated = names.filter((parameter) => searchParams.getAll(parameter).length > 1);
  return readValues(
    schema,
    Object.fromEntries(searchParams),
    repeated.map((parameter) => ({ parameter, detail: "given more than once" })),
  );
}

/** The parts of the path, read by a schema. */
export function readParams<Params>(c: ApiContext, schema: z.ZodType<Params>): Params {
  return readValues(schema, c.req.param());
}

/** The request's headers that the schema names. */
export function readHeaders<Headers>(c: ApiContext, schema: z.ZodObject & z.ZodType<Headers>): Headers {
  const names = Object.keys(schema.shape);
  const given = names.flatMap((name) => {
    const value = c.req.header(name);
    return value === undefined ? [] : [[name, value]];
  });
  return readValues(schema, Object.fromEntries(given));
}

/**
 * Parameters read by a schema, whatever they came in.
 * @param others what is wrong with them beside what the schema finds
 */
export function readValues<Values>(schema: z.ZodType<Values>, values: unknown, others: readonly ParameterError[] = []): Values {
  const result = schema.safeParse(values);
  const errors = [...others, ...(result.success ? [] : result.error.issues.flatMap(parameterErrors))];
  if (errors.length > 0 || !result.success) throw badParameters(errors);
  return result.data;
}

/** What is wrong with a parameter, in the words of the schema. */
export function parameterErrors(issue: z.core.$ZodIssue): readonly ParameterError[] {
  if (issue.code === "unrecognized_keys") return issue.keys.map((parameter) => ({ parameter, detail: "not a parameter of this route" }));
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  return [{ parameter: String(issue.path[0]), detail: missing ? "required" : issue.message }];
}
