import * as z from "zod";
import { type FieldSpec, LIQUIDATION_FIELDS } from "../../../src/liquidation-fields.ts";
import type { Liquidation } from "../../../src/liquidation.ts";
import { liquidationExample } from "./liquidation-example.ts";

type Shape = { [Name in keyof Liquidation]: z.ZodType<Liquidation[Name]> };

/** One liquidation, built from the list of its fields. */
export const liquidationSchema = z
  .object(Object.fromEntries(LIQUIDATION_FIELDS.map((field) => [field.name, fieldSchema(field)])) as Shape)
  .meta({
    id: "Liquidation",
    description: "One forced liquidation. Null means unknown, not applicable or too old; zero is a measured zero.",
    examples: [liquidationExample],
  });

function fieldSchema({ type, nullable, values, description }: FieldSpec): z.ZodType {
  const value = type === "text" ? textSchema(values) : type === "double" ? z.number() : z.int();
  const unit = type === "time" ? " Milliseconds since 1970 UTC." : "";
  return (nullable ? value.nullable() : value).meta({ description: `${description}${unit}` });
}

function textSchema(values: readonly string[] | undefined): z.ZodType {
  return values === undefined ? z.string() : z.enum([...values]);
}
