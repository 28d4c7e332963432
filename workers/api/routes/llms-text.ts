import type { Exchange } from "../../../src/exchanges/exchange.ts";
import { exchanges } from "../../../src/exchanges/registry.ts";
import type { Licence } from "../../../src/licence.ts";
import { EXCHANGES } from "../../../src/liquidation-fields.ts";
import { CONVENTIONS, WHAT_IT_IS } from "../openapi/info.ts";
import { type ParameterDoc, parameterObjects } from "../openapi/parameters.ts";
import { type Operation, TAGS } from "../http/operation.ts";

/** The guide to the API for language models, in Markdown: https://llmstxt.org. */
export function llmsText(operations: readonly Operation[], terms: Licence | null = null): string {
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
      "- [Reference](/reference/): data dictionary, methodology, known limits, changelog",
    ].join("\n"),
    "## Licence",
    licenceText(terms),
    ...tags.flatMap(({ tag, says, routes }) => (routes.length === 0 ? [] : [`## ${tag}`, says, routes.map(routeLine).join("\n")])),
  ]
    .join("\n\n")
    .concat("\n");
}

function licenceText(terms: Licence | null): string {
  if (terms === null) return "The operator of this Worker states no licence: none is granted.";
  const { url, contact } = terms;
  return [url === null ? "No licence is granted." : `Terms: ${url}`, ...(contact === null ? [] : [`Contact: ${contact}`])].join(" ");
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
