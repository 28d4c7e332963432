import { PythonTypes } from "./python-types.ts";
import {
  type OpenApiDocument,
  type Operation,
  type Parameter,
  type Schema,
  docText,
  pascalCase,
  referenceName,
  snakeCase,
} from "./schema.ts";

/** An operation that answers with JSON data and metadata, or with nothing. */
interface Method {
  readonly name: string;
  readonly http: string;
  readonly path: string;
  readonly operation: Operation;
  readonly required: readonly Parameter[];
  readonly optional: readonly Parameter[];
  readonly body: Schema | null;
  readonly isIdempotent: boolean;
  /** The data; null for none. */
  readonly data: Schema | null;
  /** Whether the data are rows. */
  readonly isTable: boolean;
  /** Whether they come page by page. */
  readonly isPaged: boolean;
}

type Style = "sync" | "async";

/** A module with a method per operation, to be inherited by a client. */
export function operationsModule(document: OpenApiDocument, style: Style): string {
  const [name, prefix] = style === "sync" ? ["Operations", ""] : ["AsyncOperations", "Async"];
  const methods = methodsOf(document);
  return `from __future__ import annotations

from typing import Any, Literal

from ..answer import Answer
from ..moment import Moment
from ..pages import ${prefix}Pages
from ..tables import Kinds
from . import columns, types as t


class ${name}:
    """Every operation of the API that answers with JSON, under the name that the document gives it."""

    ${style === "async" ? "async " : ""}def _answer(
        self, method: str, path: str, query: dict[str, Any], body: Any = None, *, idempotent: bool = False, kinds: Kinds | None = None
    ) -> Answer[Any]:
        raise NotImplementedError

    def _pages(self, path: str, query: dict[str, Any], kinds: Kinds) -> ${prefix}Pages[Any]:
        raise NotImplementedError

    @staticmethod
    def _path(template: str, **parameters: Any) -> str:
        raise NotImplementedError

${methods.map((method) => methodText(method, style)).join("\n")}`;
}

/** The kind of each column of each list, for tables: a column whose values are all null has a type too. */
export function columnsModule(document: OpenApiDocument): string {
  const lists = methodsOf(document).filter(({ isTable }) => isTable);
  const tables = lists.map(({ name, data }) => {
    const fields = new Map(rowSchemas(document, data ?? {}).flatMap(({ properties = {} }) => Object.entries(properties)));
    const lines = [...fields].map(([field, schema]) => `    ${JSON.stringify(field)}: "${columnKind(schema)}",\n`);
    return `${columnsName(name)} = {\n${lines.join("")}}\n`;
  });
  return `"""The kind of each column of each list."""\n\n${tables.join("\n")}`;
}

function columnsName(method: string): string {
  return method.replace(/^list_/, "").toUpperCase();
}

/** The schemas of the rows of a list. */
function rowSchemas({ components }: OpenApiDocument, { items = {} }: Schema): readonly Schema[] {
  return (items.oneOf ?? [items]).map((row) => components.schemas[referenceName(row) ?? ""] ?? row);
}

function columnKind(schema: Schema): string {
  const choice = schema.anyOf?.find(({ type }) => type !== "null") ?? schema;
  const types = [choice.type ?? "object"].flat().filter((type) => type !== "null");
  const says = `${schema.description ?? ""} ${choice.description ?? ""}`;
  if (types.join() === "integer") return /milliseconds since 1970/i.test(says) ? "time" : "integer";
  if (choice.const !== undefined || choice.enum !== undefined)
    return typeof (choice.const ?? choice.enum?.[0]) === "string" ? "text" : "object";
  return { number: "number", boolean: "boolean", string: "text" }[types.join()] ?? "object";
}

export function methodsOf(document: OpenApiDocument): readonly Method[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([http, operation]) => {
      if (operation.operationId === undefined) return [];
      const data = answeredData(operation);
      if (data === undefined) return [];
      const parameters = (operation.parameters ?? []).filter((parameter) => "name" in parameter);
      const given = parameters.filter((parameter) => parameter.in !== "header" && parameter.name !== "cursor");
      return {
        name: snakeCase(operation.operationId),
        http: http.toUpperCase(),
        path,
        operation,
        required: given.filter(({ required }) => required === true),
        optional: given.filter(({ required }) => required !== true),
        body: operation.requestBody?.content["application/json"]?.schema ?? null,
        isIdempotent: parameters.some(({ name }) => name === "Idempotency-Key"),
        data,
        isTable: data?.type === "array",
        isPaged: parameters.some(({ name }) => name === "cursor"),
      };
    }),
  );
}

/** Undefined where an operation answers with something else than data and metadata. */
function answeredData({ responses }: Operation): Schema | null | undefined {
  const [success] = Object.entries(responses).find(([status]) => status.startsWith("2")) ?? [];
  if (success === "204") return null;
  const { properties } = responses[success ?? ""]?.content?.["application/json"]?.schema ?? {};
  return properties?.["meta"] === undefined ? undefined : properties["data"];
}

function methodText(method: Method, style: Style): string {
  const { name, http, path, operation, required, optional, body, data, isTable, isPaged } = method;
  const parameters = [
    "self",
    ...required.map((parameter) => `${parameter.name}: ${parameterType(parameter)}`),
    ...(body === null ? [] : [`body: t.${bodyName(method)}`]),
    ...(optional.length === 0 ? [] : ["*"]),
    ...optional.map((parameter) => `${parameter.name}: ${parameterType(parameter)} | None = None`),
  ];
  const prefix = style === "sync" ? "" : "Async";
  const isAwaited = style === "async" && !isPaged;
  const result = isPaged ? `${prefix}Pages[${rowType(data ?? {})}]` : data === null ? "None" : `Answer[${qualified(data)}]`;
  const query = [...required, ...optional].filter((parameter) => parameter.in === "query");
  const asked = `{${query.map((parameter) => `"${parameter.name}": ${parameter.name}`).join(", ")}}`;
  const kinds = isTable ? `columns.${columnsName(name)}` : null;
  const call = isPaged
    ? `self._pages(${pathText(path)}, ${asked}, ${kinds})`
    : `${isAwaited ? "await " : ""}self._answer("${http}", ${pathText(path)}, ${asked}${answerOptions(method, kinds)})`;
  return `    ${isAwaited ? "async " : ""}def ${name}(${parameters.join(", ")}) -> ${result}:
${docstring(operation, [...required, ...optional])}
        ${data === null ? "" : "return "}${call}
`;
}

function answerOptions({ body, isIdempotent }: Method, kinds: string | null): string {
  return [body === null ? "" : ", body", isIdempotent ? ", idempotent=True" : "", kinds === null ? "" : `, kinds=${kinds}`].join("");
}

/** The name of the type of a request's body: that of its schema, or that of its operation. */
export function bodyName({ body, operation }: Method): string {
  return referenceName(body ?? {}) ?? `${pascalCase(operation.operationId)}Body`;
}

function docstring({ summary, description }: Operation, parameters: readonly Parameter[]): string {
  const lines = [
    `"""${docText(summary ?? "")}`,
    ...(description === undefined ? [] : ["", ...docText(description).split("\n")]),
    ...(parameters.length === 0 ? [] : [""]),
    ...parameters.map(({ name, description: text }) => `:param ${name}: ${docText(text ?? "")}`.replaceAll("\n", " ")),
  ];
  if (lines.length === 1) return `        ${lines[0]}"""`;
  return [...lines, '"""'].map((line) => (line === "" ? "" : `        ${line}`)).join("\n");
}

/** The path as a Python expression, with the parameters in it. */
function pathText(path: string): string {
  if (!path.includes("{")) return JSON.stringify(path);
  return `self._path("${path}", ${[...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => `${name}=${name}`).join(", ")})`;
}

function parameterType({ schema }: Parameter): string {
  const types = [schema.type ?? []].flat();
  // A moment is given in milliseconds or as ISO 8601.
  if (types.length === 2 && types.includes("integer") && types.includes("string")) return "Moment";
  return new PythonTypes().expression(schema, "");
}

function qualified(schema: Schema): string {
  const choices = schema.oneOf ?? [schema];
  return choices.map((choice) => (choice.type === "array" ? `list[${rowType(choice)}]` : `t.${referenceName(choice)}`)).join(" | ");
}

function rowType(list: Schema): string {
  const row = list.items ?? {};
  return (row.oneOf ?? [row]).map((choice) => `t.${referenceName(choice)}`).join(" | ");
}
