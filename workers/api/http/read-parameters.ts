import type * as z from "zod";
import type { ApiContext } from "./api-env.ts";
import { type ParameterError, badParameters } from "./problem.ts";

/** The query parameters, validated by a schema. A repeated parameter is an error. */
export function readQuery<Query>(c: ApiContext, schema: z.ZodType<Query>): Query {
  const { searchParams } = new URL(c.req.url);
  const names = [...new Set(searchParams.keys())];
  const repeated = names.filter((parameter) => searchParams.getAll(parameter).length > 1);
  return readValues(
    schema,
    Object.fromEntries(searchParams),
    repeated.map((parameter) => ({ parameter, detail: "is given more than once" })),
  );
}

/** The path parameters, validated by a schema. */
export function readParams<Params>(c: ApiContext, schema: z.ZodType<Params>): Params {
  return readValues(schema, c.req.param());
}

/** The request headers that the schema names. */
export function readHeaders<Headers>(c: ApiContext, schema: z.ZodObject & z.ZodType<Headers>): Headers {
  const names = Object.keys(schema.shape);
  const given = names.flatMap((name) => {
    const value = c.req.header(name);
    return value === undefined ? [] : [[name, value]];
  });
  return readValues(schema, Object.fromEntries(given));
}

/**
 * Parameters from any source, validated by a schema.
 * @param others errors to report in addition to those the schema finds
 */
export function readValues<Values>(schema: z.ZodType<Values>, values: unknown, others: readonly ParameterError[] = []): Values {
  const result = schema.safeParse(values, { reportInput: true });
  const errors = [...others, ...(result.success ? [] : result.error.issues.flatMap(parameterErrors))];
  if (errors.length > 0 || !result.success) throw badParameters(errors);
  return result.data;
}

/** The errors of one zod issue, which reports its input, in the words of the schema. */
function parameterErrors(issue: z.core.$ZodIssue): readonly ParameterError[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((parameter) => ({ parameter, detail: "is not a parameter of this operation" }));
  const missing = issue.code === "invalid_type" && issue.input === undefined;
  const [parameter = "body"] = issue.path;
  return [{ parameter: String(parameter), detail: missing ? "is required" : issue.message }];
}
