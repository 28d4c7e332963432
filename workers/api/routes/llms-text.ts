import type { Exchange } from "../../../src/exchanges/exchange.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { CONVENTIONS, WHAT_IT_IS } from "../openapi/info.ts";
import { type ParameterDoc, parameterObjects } from "../openapi/parameters.ts";
import { type Operation, TAGS } from "../http/operation.ts";

/** The guide to the API for language models, in Markdown: https://llmstxt.org. */
export function llmsText(operations: readonly Operation[]): string {
  const tags = Object.entries(TAGS).map(([tag, says]) => ({ tag, says, routes: operations.filter(({ doc }) => doc.tag === tag) }));
  return [
    "# Liquidations",
    `> ${WHAT_IT_IS[0]}`,
    ...WHAT_IT_IS.slice(1),
    "## Venues",
    EXCHANGES.map((name) => venueLine(exchanges[name])).join("\n"),
    "## Conventions",
    CONVENTIONS.map((paragraph) => `- ${paragraph}`).join("\n"),
    "## Documents",
    [
      "- [OpenAPI 3.1](/openapi.json): every operation, parameter, response, error and header, with examples",
      "- [Documentation page](/docs): the same document, to read and to try",
      "- [TypeScript types](/liquidations-api.d.ts): `paths` for openapi-fetch, and one type per schema",
      "- [MCP server](/mcp) (Streamable HTTP): the read operations as tools",
    ].join("\n"),
    ...tags.flatMap(({ tag, says, routes }) => (routes.length === 0 ? [] : [`## ${tag}`, says, routes.map(routeLine).join("\n")])),
  ]
    .join("\n\n")
    .concat("\n");
}

/** One venue: its name in fields, the coverage of its feed and the kind of its price. */
function venueLine({ name, title, coverage, carries }: Exchange): string {
  return `- \`${name}\` (${title}), coverage \`${coverage}\`: ${carries}`;
}

/** One operation: its summary, scope, description and parameters. */
function routeLine({ method, path, access, doc }: Operation): string {
  const needs = access === "open" || access === "read" ? "" : ` Scope \`${access}\`.`;
  const parameters = [...parameterObjects("path", doc.params), ...parameterObjects("query", doc.query)].map(parameterLine);
  const body = doc.body === null ? [] : [`JSON body, for example \`${JSON.stringify(doc.example.body ?? {})}\``];
  const taken = [...parameters, ...body].map((line) => `\n  - ${line}`).join("");
  return `- \`${method} ${path}\`: ${doc.summary}.${needs} ${doc.description}`.trimEnd() + taken;
}

/** One parameter: its description, allowed values and default. */
function parameterLine({ name, required, description = "", schema }: ParameterDoc): string {
  const { enum: values, default: usual, maximum } = schema as { enum?: readonly string[]; default?: unknown; maximum?: number };
  const said = [
    description,
    values === undefined ? "" : `One of ${values.join(", ")}.`,
    maximum === undefined ? "" : `Maximum: ${maximum}.`,
    usual === undefined ? "" : `Default: ${String(usual)}.`,
  ];
  return `\`${name}\`${required ? " (required)" : ""}: ${said.filter((words) => words !== "").join(" ")}`;
}
