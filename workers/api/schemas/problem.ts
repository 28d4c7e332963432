import * as z from "zod";
import { type ParameterError, PROBLEM_CODES } from "../http/problem.ts";
import type { FieldsOf } from "./fields-of.ts";

const parameterError = z
  .object({
    parameter: z.string().meta({ description: "Name of the parameter; body for the whole request body.", examples: ["window"] }),
    detail: z.string().meta({ description: "Reason why the parameter is invalid.", examples: ["must be one of 15m, 1h, 4h, 24h"] }),
    line: z
      .int()
      .optional()
      .meta({ description: "Line of the mistake in a rule, from 1; present only with the code bad_rule.", examples: [1] }),
    column: z
      .int()
      .optional()
      .meta({ description: "Column of the mistake in a rule, from 1; present only with the code bad_rule.", examples: [17] }),
  } satisfies FieldsOf<ParameterError>)
  .meta({ id: "ParameterError", description: "One invalid parameter." });

export const problemSchema = z
  .object({
    type: z.literal("about:blank"),
    title: z.string().meta({ description: "Phrase of the HTTP status.", examples: ["Bad Request"] }),
    status: z.int().meta({ description: "HTTP status.", examples: [400] }),
    detail: z.string().meta({ description: "Description of the problem, for people." }),
    instance: z.string().meta({ description: "Path of the request.", examples: ["/v1/stats"] }),
    code: z.enum(PROBLEM_CODES).meta({ description: "Kind of problem, for programs." }),
    request_id: z.string().meta({ description: "Request id, also in X-Request-Id.", examples: ["5a1f0c9e-3d7b-4c26-9a41-6f2b8e0d7c35"] }),
    errors: z
      .array(parameterError)
      .optional()
      .meta({ description: "Invalid parameters; present only with the codes bad_parameters, bad_rule and unknown_symbol." }),
    nearest: z
      .array(z.string())
      .optional()
      .meta({
        description: "Names that were most likely meant, best first; present only with the codes bad_rule and unknown_symbol.",
        examples: [["BTC"]],
      }),
  })
  .meta({ id: "Problem", description: "Error response (RFC 9457)." });
