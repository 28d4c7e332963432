import type * as z from "zod";

/**
 * The fields of a schema that has neither more nor fewer than a type of the domain:
 * `z.object({ … } satisfies FieldsOf<Totals>)`. That the domain's values fit it is checked where they are answered.
 */
export type FieldsOf<Type> = { readonly [Name in keyof Type]: z.ZodType<Type[Name]> };
