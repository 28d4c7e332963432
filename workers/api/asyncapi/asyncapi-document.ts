import * as z from "zod";
import { createSchema } from "zod-openapi";
import packageJson from "../../../package.json" with { type: "json" };
import { clientMessage } from "../../../src/stream/client-message.ts";
import { CLOSE_CODES } from "../../../src/stream/close-codes.ts";
import type { Operation } from "../http/operation.ts";
import { withoutLimits } from "../openapi/without-limits.ts";
import { STREAM_FRAMES } from "../schemas/stream-frames/stream-frames.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

interface Message {
  readonly name: string;
  readonly title: string;
  readonly contentType: "application/json";
  readonly payload: JsonSchema;
}

export interface AsyncApiDocument {
  readonly asyncapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: object;
  readonly channels: object;
  readonly operations: object;
  readonly components: {
    readonly messages: Readonly<Record<string, Message>>;
    readonly schemas: Readonly<Record<string, unknown>>;
  } & Readonly<Record<string, unknown>>;
}

const FRAMES = Object.keys(STREAM_FRAMES);
const MESSAGES = ["subscribe", "unsubscribe", "ack", "ping"] as const;

/**
 * The AsyncAPI 3.1 document of the live stream, built from the schemas of its frames and messages.
 * @param operations of the API, for the parameters of the one that opens the stream
 * @see https://www.asyncapi.com/docs/reference/specification/v3.1.0
 */
export function asyncApiDocument(operations: readonly Operation[]): AsyncApiDocument {
  const stream = operations.find(({ doc }) => doc.id === "openStream");
  if (stream === undefined) throw new Error("no operation openStream");
  const frames = z.tuple(Object.values(STREAM_FRAMES) as unknown as [z.ZodType, ...z.ZodType[]]);
  const { schema, components } = createSchema(frames, { io: "output", opts: { override: withoutLimits } });
  const frameSchemas = (schema as { readonly prefixItems: readonly JsonSchema[] }).prefixItems;
  const asked = messageSchemas();
  const payloads = new Map<string, JsonSchema>([...FRAMES.map((name, index) => [name, frameSchemas[index] ?? {}] as const), ...asked]);
  return {
    asyncapi: "3.1.0",
    info: { title: "Liquidations: the live stream", version: packageJson.version, description: DESCRIPTION },
    servers: { worker: SERVER },
    channels: {
      stream: {
        address: stream.path,
        description: stream.doc.description,
        messages: Object.fromEntries([...payloads.keys()].map((name) => [name, { $ref: `#/components/messages/${name}` }])),
        bindings: { ws: { method: "GET", query: querySchema(stream) } },
      },
    },
    operations: {
      sendFrame: operation("send", "Frames of the server.", FRAMES),
      receiveMessage: operation("receive", "Messages of a WebSocket's client; each is answered with its id.", MESSAGES),
    },
    components: {
      messages: Object.fromEntries(
        [...payloads].map(([name, payload]) => [name, { name, title: name, contentType: "application/json" as const, payload }]),
      ),
      schemas: components,
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: "An API key with the scope `read`, unless PUBLIC_READ is true." },
        ticket: { type: "httpApiKey", in: "query", name: "ticket", description: "A ticket of `POST /v1/stream/tickets`, for browsers." },
      },
    },
  };
}

const DESCRIPTION = [
  "Liquidations, cascades, signals, feed states and suspect silences as they happen, in one order for all clients: over a WebSocket, or as server-sent events, where the event's name is the type. A frame's `id` is a place to continue from.",
  "Close codes of the WebSocket:",
  ...Object.entries(CLOSE_CODES).map(([code, { name, action }]) => `- ${code} (${name}): ${action}`),
].join("\n");

const SERVER = {
  host: "{host}",
  protocol: "wss",
  description: "The Worker that serves this document. The same path answers a plain GET with server-sent events.",
  variables: { host: { default: "localhost:8787", description: "Host of the Worker." } },
  security: [{ $ref: "#/components/securitySchemes/key" }, { $ref: "#/components/securitySchemes/ticket" }],
} as const;

function operation(action: "send" | "receive", summary: string, names: readonly string[]) {
  return {
    action,
    summary,
    channel: { $ref: "#/channels/stream" },
    messages: names.map((name) => ({ $ref: `#/channels/stream/messages/${name}` })),
  };
}

/** The messages of the client, by what they ask for. */
function messageSchemas(): readonly (readonly [string, JsonSchema])[] {
  const { anyOf = [], oneOf = anyOf } = z.toJSONSchema(clientMessage, { io: "input", target: "draft-7", unrepresentable: "any" }) as {
    readonly anyOf?: readonly JsonSchema[];
    readonly oneOf?: readonly JsonSchema[];
  };
  return oneOf.map((schema, index) => [MESSAGES[index] ?? `message${index}`, schema] as const);
}

function querySchema({ doc }: Operation): JsonSchema {
  const { schema } = createSchema(doc.query, { io: "input", opts: { override: withoutLimits } });
  return schema as JsonSchema;
}
