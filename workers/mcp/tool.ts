import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { AnswerBody } from "../api/http/answer.ts";
import type { ApiContext } from "../api/http/api-env.ts";
import type { GivenParameters, Operation } from "../api/http/operation.ts";
import { type RowLimits, inputSchema, outputSchema } from "./advertised-schema.ts";
import type { SummaryWords } from "./summary.ts";

/** An operation of the API as a model is offered it. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly operation: Operation;
  readonly answer: (c: ApiContext, given: GivenParameters) => Promise<AnswerBody>;
  /** Null where the answer is no list. */
  readonly rows: RowLimits | null;
  /** The operation's parameters that the tool does not take. */
  readonly without: ReadonlySet<string>;
  readonly words: SummaryWords;
  readonly inputSchema: StandardSchemaWithJSON<Record<string, unknown>>;
  readonly outputSchema: StandardSchemaWithJSON<Record<string, unknown>>;
}

/** A tool as it is written down. */
export type ToolDoc = Pick<Tool, "name" | "title" | "words"> & {
  /** The operation's id in the API's document. */
  readonly operation: string;
  /** Sentences of the description. */
  readonly says: readonly string[];
  readonly rows?: RowLimits | null;
  /** Parameters of the operation that the tool does not take. */
  readonly without?: readonly string[];
};

/**
 * The tool over its operation.
 * @throws {RangeError} where there is no such operation, or it does more than read or answers no JSON
 */
export function tool({ says, rows = null, without = [], ...doc }: ToolDoc, operations: readonly Operation[]): Tool {
  const operation = operations.find((one) => one.doc.id === doc.operation);
  if (operation === undefined) throw new RangeError(`${doc.name}: there is no operation ${doc.operation}`);
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
