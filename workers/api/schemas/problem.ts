import * as z from "zod";
import { type ParameterError, PROBLEM_CODES } from "../http/problem.ts";
import type { FieldsOf } from "./fields-of.ts";

const parameterError = z
  .object({
    parameter: z.string().meta({ description: "Its name; body for the whole body.", examples: ["window"] }),
    detail: z.string().meta({ description: "What it has to be.", examples: ["one of 15m, 1h, 4h, 24h"] }),
  } satisfies FieldsOf<ParameterError>)
  .meta({ id: "ParameterError", description: "One bad parameter." });

export const problemSchema = z
  .object({
    type: z.literal("about:blank"),
    title: z.string().meta({ description: "The status in words.", examples: ["Bad Request"] }),
    status: z.int().meta({ description: "The HTTP status.", examples: [400] }),
    detail: z.string().meta({ description: "What went wrong, for people." }),
    instance: z.string().meta({ description: "The path that was asked for.", examples: ["/v1/stats"] }),
    code: z.enum(PROBLEM_CODES).meta({ description: "What went wrong, for programs." }),
    request_id: z.string().meta({ description: "Also in X-Request-Id.", examples: ["5a1f0c9e-3d7b-4c26-9a41-6f2b8e0d7c35"] }),
    errors: z.array(parameterError).optional().meta({ description: "Each bad parameter; only with bad_parameters." }),
  })
  .meta({ id: "Problem", description: "What every answer that is no success says (RFC 9457)." });
