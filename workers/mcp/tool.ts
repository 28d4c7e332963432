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

type ToolParts = Pick<Tool, "name" | "title" | "operation" | "words"> & {
  /** Sentences of the description. */
  readonly says: readonly string[];
  readonly rows?: RowLimits | null;
  readonly without?: readonly string[];
};

/** @throws {RangeError} where the operation does more than read or answers no JSON */
export function tool({ says, rows = null, without = [], ...parts }: ToolParts): Tool {
  const { answer, doc } = parts.operation;
  const schema = doc.success.content["application/json"] ?? null;
  if (answer === undefined || schema === null) throw new RangeError(`${doc.id} cannot be a tool`);
  const left = new Set(without);
  return {
    ...parts,
    description: says.join(" "),
    answer,
    rows,
    without: left,
    inputSchema: inputSchema(parts.operation, rows, left),
    outputSchema: outputSchema(schema),
  };
}
