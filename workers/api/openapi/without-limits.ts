import type { ZodOpenApiOverride } from "zod-openapi";

/** Removes the bounds ±2^53, which zod states for every integer. */
export const withoutLimits: ZodOpenApiOverride = ({ jsonSchema }) => {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
};
