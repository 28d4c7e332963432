import type * as z from "zod";

/**
 * The fields of a schema that matches a type of the domain exactly: `z.object({ … } satisfies FieldsOf<Totals>)`. The
 * compiler checks that the values fit where an operation returns them.
 */
export type FieldsOf<Type> = { readonly [Name in keyof Type]: z.ZodType<Type[Name]> };
