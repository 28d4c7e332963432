/** An operation of the Worker's own OpenAPI document, as far as attacks need it. */
export interface AttackedOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly needsKey: boolean;
  /** The scopes of which a key needs one; empty where any key will do, or none is needed. */
  readonly scopes: ReadonlySet<string>;
  readonly query: readonly string[];
  /** Examples of the parts of the path. */
  readonly parts: Readonly<Record<string, string>>;
  /** The example of its body; undefined where it takes none. */
  readonly body: unknown;
}

interface RawParameter {
  readonly name?: string;
  readonly in?: string;
  readonly example?: unknown;
  readonly schema?: { readonly example?: unknown; readonly examples?: readonly unknown[] };
}

interface RawOperation {
  readonly operationId: string;
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters?: readonly RawParameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly example?: unknown }>> };
}

/** The Worker's OpenAPI document, as far as attacks need it. */
export interface AttackedDocument {
  readonly operations: readonly AttackedOperation[];
  /** The codes of its problems. */
  readonly codes: ReadonlySet<string>;
}

interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: {
    readonly schemas: { readonly Problem: { readonly properties: { readonly code: { readonly enum: readonly string[] } } } };
  };
}

export async function readDocument(url: string): Promise<AttackedDocument> {
  const response = await fetch(`${url}/openapi.json`);
  if (!response.ok) throw new Error(`${url}/openapi.json answered ${response.status}`);
  const { paths, components } = (await response.json()) as RawDocument;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { operationId, security = [], parameters = [], requestBody }]) => {
      const named = (place: string) => parameters.filter((parameter) => parameter.in === place);
      return {
        id: operationId,
        method: method.toUpperCase(),
        path,
        scopes: new Set(security.flatMap((scheme) => Object.values(scheme).flat())),
        needsKey: security.length > 0 && security.every((scheme) => Object.keys(scheme).length > 0),
        query: named("query").map(({ name = "" }) => name),
        parts: Object.fromEntries(
          named("path").map(({ name = "", example, schema }) => [name, String(example ?? schema?.example ?? schema?.examples?.[0] ?? "x")]),
        ),
        body: requestBody?.content["application/json"]?.example,
      };
    }),
  );
  return { operations, codes: new Set(components.schemas.Problem.properties.code.enum) };
}

/** The path with its parts filled in: those given, and the examples for the others. */
export function filledPath({ path, parts }: AttackedOperation, given: Readonly<Record<string, string>> = {}): string {
  return path.replaceAll(/\{(\w+)\}/gu, (_whole, part: string) => given[part] ?? encodeURIComponent(parts[part] ?? "x"));
}
