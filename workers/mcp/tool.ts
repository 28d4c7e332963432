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
  /** @param args as the model gave them, without those that are null */
  readonly answer: (c: ApiContext, given: GivenParameters, args: Readonly<Record<string, unknown>>) => Promise<AnswerBody>;
  /** Whether it only reads. */
  readonly isReading: boolean;
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
  /** Set where calling it changes something. */
  readonly changes?: true;
};

type Answering = Pick<Operation, "answerBody"> & { readonly answer?: Tool["answer"] };

/**
 * Builds a tool over its operation.
 * @throws {RangeError} where the operation does not exist, changes more than its definition says, or returns no JSON
 */
export function tool({ says, rows = null, without = [], changes, ...doc }: ToolDoc, operations: readonly Operation[]): Tool {
  const operation = operations.find((one) => one.doc.id === doc.operation);
  if (operation === undefined) throw new RangeError(`${doc.name}: the operation ${doc.operation} does not exist`);
  const { answerBody, answer = answerBody === undefined ? undefined : (c, _given, args) => answerBody(c, args) } = operation as Answering;
  const schema = operation.doc.success.content["application/json"] ?? null;
  if (answer === undefined || schema === null) throw new RangeError(`${doc.operation} cannot be a tool`);
  const left = new Set(without);
  return {
    ...doc,
    operation,
    description: says.join(" "),
    answer,
    isReading: changes !== true,
    rows,
    without: left,
    inputSchema: inputSchema(operation, rows, left),
    outputSchema: outputSchema(schema),
  };
}
