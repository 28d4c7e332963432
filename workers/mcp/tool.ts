import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { AnswerBody } from "../api/http/answer.ts";
import type { ApiContext } from "../api/http/api-env.ts";
import type { GivenParameters, Operation } from "../api/http/operation.ts";
import { type RowLimits, inputSchema, outputSchema } from "./advertised-schema.ts";
import type { SummaryWords } from "./summary.ts";

/** An operation of the API, offered to a model. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly operation: Operation;
  readonly answer: (c: ApiContext, given: GivenParameters) => Promise<AnswerBody>;
  /** Null where the result is not a list. */
  readonly rows: RowLimits | null;
  /** Parameters of the operation that the tool does not have. */
  readonly without: ReadonlySet<string>;
  readonly words: SummaryWords;
  readonly inputSchema: StandardSchemaWithJSON<Record<string, unknown>>;
  readonly outputSchema: StandardSchemaWithJSON<Record<string, unknown>>;
}

/** The definition of a tool. */
export type ToolDoc = Pick<Tool, "name" | "title" | "words"> & {
  /** The id of the operation in the OpenAPI document. */
  readonly operation: string;
  /** Sentences of the description. */
  readonly says: readonly string[];
  readonly rows?: RowLimits | null;
  /** Parameters of the operation that the tool does not take. */
  readonly without?: readonly string[];
};

/**
 * Builds a tool over its operation.
 * @throws {RangeError} where the operation does not exist, does more than read, or returns no JSON
 */
export function tool({ says, rows = null, without = [], ...doc }: ToolDoc, operations: readonly Operation[]): Tool {
  const operation = operations.find((one) => one.doc.id === doc.operation);
  if (operation === undefined) throw new RangeError(`${doc.name}: the operation ${doc.operation} does not exist`);
  const { answer } = operation;
  const schema = operation.doc.success.content["application/json"] ?? null;
  if (answer === undefined || schema === null) throw new RangeError(`${doc.operation} cannot be a tool`);
  const left = new Set(without);
  return {
    ...doc,
    operation,
    description: says.join(" "),
    answer,
    rows,
    without: left,
    inputSchema: inputSchema(operation, rows, left),
    outputSchema: outputSchema(schema),
  };
}
