import type { ZodOpenApiOverride } from "zod-openapi";

/** Leaves unsaid of each whole number that it is within ±2^53. */
export const withoutLimits: ZodOpenApiOverride = ({ jsonSchema }) => {
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
};
