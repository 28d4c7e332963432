import { execFileSync } from "node:child_process";
import { Parser } from "@asyncapi/parser";
import { expect, test } from "vitest";
import { CLOSE_CODES } from "../../src/stream/close-codes.ts";
import { CHANNELS } from "../../src/stream/filter.ts";

interface Document {
  readonly info: { readonly description: string };
  readonly channels: { readonly stream: { readonly bindings: { readonly ws: { readonly query: { readonly properties: object } } } } };
  readonly components: { readonly messages: Readonly<Record<string, { readonly payload: object }>> };
}

/** In a process of its own: the Worker's modules are loaded by hooks that a test's own loader goes around. */
function asyncApi(): string {
  const module = new URL("../../scripts/openapi-document.ts", import.meta.url).href;
  const program = `import { asyncApiText } from "${module}"; process.stdout.write(await asyncApiText());`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8", maxBuffer: 2 ** 26 });
}

test("the official parser accepts the document of the stream, with every frame, message, parameter and close code in it", async () => {
  const text = asyncApi();
  const { document: parsed, diagnostics } = await new Parser().parse(text);
  expect(diagnostics.filter(({ severity }) => severity === 0).map(({ message, path }) => `${path.join(".")}: ${message}`)).toEqual([]);
  const document = JSON.parse(text) as Document;
  const names = Object.keys(document.components.messages);
  expect(names).toEqual(
    expect.arrayContaining([...CHANNELS, "hello", "snapshot", "beat", "skipped", "gap", "live", "subscribe", "unsubscribe", "ack", "ping"]),
  );
  expect(parsed?.messages().map((message) => message.name())).toEqual(expect.arrayContaining(names));
  expect(Object.keys(document.channels.stream.bindings.ws.query.properties)).toEqual(
    expect.arrayContaining(["channels", "symbol", "exchange", "side", "min_usd", "last_event_id", "slow", "ticket"]),
  );
  for (const [code, { name }] of Object.entries(CLOSE_CODES)) expect(document.info.description).toContain(`${code} (${name})`);
});
