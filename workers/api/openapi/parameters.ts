import * as z from "zod";
import { createSchema } from "zod-openapi";
import { withoutLimits } from "./without-limits.ts";

type Place = "path" | "query" | "header";

/** A parameter object of OpenAPI. */
export type ParameterDoc = {
  name: string;
  in: Place;
  required: boolean;
  description?: string;
  schema: object;
  example?: string | number;
};

/**
 * The parameter objects of one place, built from the schemas that read them, with the values of the operation's example.
 * Defaults are added here, because zod omits them where a text is read as another type.
 */
export function parameterObjects(place: Place, params: z.ZodObject, values: Readonly<Record<string, string>> = {}): ParameterDoc[] {
  return Object.entries(params.shape).map(([name, type]) => {
    const schema = type as z.ZodType;
    const { description, ...said } = createSchema(schema, { io: "input", opts: { override: withoutLimits } })
      .schema as z.core.JSONSchema.JSONSchema;
    const usual = schema instanceof z.ZodDefault ? { default: schema.def.defaultValue } : {};
    const value = values[name];
    return {
      name,
      in: place,
      required: place === "path" || !schema.safeParse(undefined).success,
      ...(description === undefined ? {} : { description }),
      schema: { ...said, ...usual } as object,
      ...(value === undefined ? {} : { example: isNumber(said) ? Number(value) : value }),
    };
  });
}

function isNumber({ type }: z.core.JSONSchema.JSONSchema): boolean {
  return type === "integer" || type === "number";
}
