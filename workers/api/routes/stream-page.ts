import { html, raw } from "hono/html";
import { CLOSE_CODES } from "../../../src/stream/close-codes.ts";
import type { AsyncApiDocument } from "../asyncapi/asyncapi-document.ts";

export const STREAM_DOCS_PATH = "/docs/stream";
const ASSETS = "/docs-assets";

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly $ref?: string;
}

/** The page that describes the live stream, written from its AsyncAPI document. It has no script. */
export function streamPage({ components, info }: AsyncApiDocument): string {
  const resolved = (schema: Schema): Schema => {
    const name = schema.$ref?.split("/").at(-1);
    return name === undefined ? schema : ((components.schemas[name] ?? {}) as Schema);
  };
  const messages = Object.values(components.messages).map(({ name, payload }) => {
    const { description = "", properties = {} } = resolved(payload);
    const fields = Object.entries(properties).map(
      ([field, schema]) =>
        html`<tr>
          <th scope="row">${field}</th>
          <td>${schema.description ?? resolved(schema).description ?? ""}</td>
        </tr>`,
    );
    return html`<details id="${name}">
      <summary><code>${name}</code> ${description}</summary>
      <table>
        ${fields}
      </table>
    </details>`;
  });
  const codes = Object.entries(CLOSE_CODES).map(
    ([code, { name, action }]) =>
      html`<tr>
        <th scope="row">${code}</th>
        <td>${name}. ${action}</td>
      </tr>`,
  );
  const [introduction = ""] = info.description.split("\n");
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>The live stream · Liquidations API</title>
        <link rel="icon" href="${ASSETS}/icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${ASSETS}/stream.css" />
      </head>
      <body>
        <header>
          <a class="name" href="/">Liquidations</a>
          <nav><a href="/docs">API</a> <a href="/asyncapi.json">asyncapi.json</a></nav>
        </header>
        <main>
          <h1>The live stream</h1>
          <p>${introduction}</p>
          <pre>${raw(EXAMPLE)}</pre>
          <h2>Frames and messages</h2>
          ${messages}
          <h2>Close codes of the WebSocket</h2>
          <table>
            ${codes}
          </table>
        </main>
      </body>
    </html> `;
  return String(page);
}

const EXAMPLE = `curl -N "https://YOUR-WORKER/v1/stream?symbol=BTC&amp;min_usd=100000"

const stream = new EventSource("/v1/stream?symbol=BTC");
stream.addEventListener("liquidation", ({ data }) =&gt; console.log(JSON.parse(data).data));`;
