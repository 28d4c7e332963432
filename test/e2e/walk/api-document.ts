import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

interface Header {
  readonly $ref?: string;
  readonly required?: boolean;
  readonly schema: { readonly type: string };
}
interface Response {
  readonly $ref?: string;
  readonly headers?: Readonly<Record<string, Header>>;
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}
interface Parameter {
  readonly name?: string;
  readonly in?: string;
  readonly example?: string | number;
}

/** One operation of the document, as far as a walk over it needs. */
export interface WalkedOperation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  /** Whether it is for nobody without a key. */
  readonly needsKey: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: unknown;
  readonly statuses: readonly string[];
}

interface RawOperation {
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly example?: unknown } } };
  readonly responses: Readonly<Record<string, Response>>;
}
interface RawDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly webhooks: Readonly<Record<string, object>>;
  readonly components: {
    readonly headers: Readonly<Record<string, Header>>;
    readonly responses: Readonly<Record<string, Response>>;
  };
}

/** Headers that a program between may add or leave out on its own. */
const NOT_COMPARED = new Set(["content-length"]);

/** What an answer is held against. */
export class ApiDocument {
  readonly #document: RawDocument;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: unknown) {
    this.#document = document as RawDocument;
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ $id: "document", ...this.#document });
  }

  operations(): readonly WalkedOperation[] {
    return Object.entries(this.#document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        needsKey: operation.security.length > 0 && operation.security.every((scheme) => Object.keys(scheme).length > 0),
        parameters: operation.parameters,
        body: operation.requestBody?.content["application/json"].example,
        statuses: Object.keys(operation.responses),
      })),
    );
  }

  /** What of an answer is not as the document says; nothing where all of it is. */
  misfits(operation: WalkedOperation, response: globalThis.Response, text: string): readonly string[] {
    const { path, method } = operation;
    const status = String(response.status);
    const written = this.#document.paths[path]?.[method.toLowerCase()]?.responses[status];
    if (written === undefined) return [`status ${status} is not documented: ${text.slice(0, 300)}`];
    const own = `/paths/${escaped(path)}/${method.toLowerCase()}/responses/${status}`;
    const documented = referredTo(written, this.#document.components.responses);
    const pointer = written.$ref === undefined ? own : written.$ref.slice(1);
    return [...this.#headerMisfits(documented, response.headers), ...this.#bodyMisfits(documented, pointer, response, text)];
  }

  /** The same of what a webhook brought. */
  webhookMisfits(type: string, body: unknown): readonly string[] {
    if (!(type in this.#document.webhooks)) return [`the webhook ${type} is not documented`];
    return this.#schemaMisfits(`/webhooks/${escaped(type)}/post/requestBody/content/application~1json/schema`, body);
  }

  #headerMisfits({ headers = {} }: Response, given: Headers): readonly string[] {
    const names = Object.entries(this.#document.components.headers);
    return names.flatMap(([name, { required, schema }]) => {
      const value = given.get(name);
      const isDocumented = name in headers;
      if (isDocumented && required === true && value === null) return [`the header ${name} is missing`];
      if (!isDocumented && value !== null && !NOT_COMPARED.has(name.toLowerCase()))
        return [`the header ${name} is not documented: ${value}`];
      if (isDocumented && value !== null && schema.type === "integer" && !/^\d+$/.test(value))
        return [`${name} is no whole number: ${value}`];
      return [];
    });
  }

  #bodyMisfits({ content }: Response, pointer: string, response: globalThis.Response, text: string): readonly string[] {
    if (content === undefined) return text === "" ? [] : [`there is a body, and none is documented: ${text.slice(0, 300)}`];
    const type = (response.headers.get("Content-Type") ?? "").replace(/;.*/, "");
    const documented = content[type];
    if (documented === undefined) return [`the content type ${type} is not documented`];
    if (documented.schema === undefined) return [];
    const body: unknown = type.endsWith("json") ? JSON.parse(text) : text;
    return this.#schemaMisfits(`${pointer}/content/${escaped(type)}/schema`, body);
  }

  #schemaMisfits(pointer: string, value: unknown): readonly string[] {
    const validate = this.#validators.get(pointer) ?? this.#ajv.compile({ $ref: `document#${pointer}` });
    this.#validators.set(pointer, validate);
    return validate(value)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message ?? ""} ${JSON.stringify(params)}`);
  }
}

function referredTo(response: Response, components: Readonly<Record<string, Response>>): Response {
  return response.$ref === undefined ? response : (components[response.$ref.slice(response.$ref.lastIndexOf("/") + 1)] ?? {});
}

function escaped(part: string): string {
  return part.replaceAll("~", "~0").replaceAll("/", "~1");
}
