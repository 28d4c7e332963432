import type { CallToolResult } from "@modelcontextprotocol/server";
import type { AnswerBody } from "../api/http/answer.ts";
import { requireAccess } from "../api/http/require-access.ts";
import type { ApiContext } from "../api/http/api-env.ts";
import { problemOf } from "../api/http/fault.ts";
import type { GivenParameters } from "../api/http/operation.ts";
import { type ProblemError, badParameters, problemBody } from "../api/http/problem.ts";
import { answerText } from "./answer-text.ts";
import { withReadableTimes } from "./readable-times.ts";
import type { Tool } from "./tool.ts";

/** Calls the tool's operation. An error is a result too, so that the model reads the reason and can correct its call. */
export async function callTool(c: ApiContext, tool: Tool, args: Readonly<Record<string, unknown>>): Promise<CallToolResult> {
  try {
    requireAccess(c, tool.operation.access);
    const body = await tool.answer(c, givenParameters(tool, args), withoutNulls(args));
    return {
      content: [{ type: "text", text: answerText(body, tool.words, c.get("deps").now()) }],
      structuredContent: { ...(withReadableTimes(body) as AnswerBody) },
    };
  } catch (error) {
    const problem = problemOf(error instanceof Error ? error : new Error(String(error)), c);
    return { content: [{ type: "text", text: problemText(c, problem) }], isError: true };
  }
}

function problemText(c: ApiContext, problem: ProblemError): string {
  const wait = problem.headers["Retry-After"];
  const again = wait === undefined ? "" : ` Retry after ${wait} s.`;
  return `${problem.message}${again}\n${JSON.stringify(problemBody(c, problem))}`;
}

/** The arguments as texts, as in a query string. Null means that an argument is not given. */
function givenParameters({ operation, rows, without }: Tool, args: Readonly<Record<string, unknown>>): GivenParameters {
  const given = new Map(Object.entries(args).flatMap(([name, value]) => (value === null ? [] : [[name, asText(value)]])));
  const refused = [...given.keys()].filter((name) => without.has(name));
  if (refused.length > 0) throw badParameters(refused.map((parameter) => ({ parameter, detail: "is not a parameter of this tool" })));
  if (rows !== null) given.set("limit", given.get("limit") ?? String(rows.usual));
  const limit = Number(given.get("limit"));
  if (rows !== null && !(limit >= 1 && limit <= rows.most)) {
    throw badParameters([{ parameter: "limit", detail: `must be a whole number from 1 to ${rows.most}` }]);
  }
  const isPart = ([name]: readonly [string, unknown]) => Object.hasOwn(operation.doc.params.shape, name);
  return {
    params: Object.fromEntries([...given].filter(isPart)),
    query: Object.fromEntries([...given].filter((entry) => !isPart(entry))),
  };
}

function withoutNulls(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null));
}

function asText(value: unknown): unknown {
  return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
}
