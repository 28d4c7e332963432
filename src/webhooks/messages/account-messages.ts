import { countOf, textOf, timeOf } from "./figures.ts";
import type { Wording } from "./message.ts";

export const exportReady: Wording<"export.ready"> = (made) => ({
  tone: "well",
  headline: `Export ready: ${countOf(made.rows) ?? "unknown"} rows as ${textOf(made.format) ?? "files"}`,
  facts: [
    ["From", timeOf(made.start)],
    ["To", timeOf(made.end)],
    ["Files", countOf(made.files)],
    ["Bytes", countOf(made.bytes)],
    ["Deleted", timeOf(made.expires_time)],
    ["Export", textOf(made.export_id)],
  ],
  link: { label: "Open the data", path: "/data" },
});

export const webhookFailing: Wording<"webhook.failing"> = (endpoint) => ({
  tone: "trouble",
  headline: `Webhook endpoint ${nameOf(endpoint)} is failing`,
  lines: ["It will be disabled unless deliveries succeed again."],
  facts: [
    ["Failing since", timeOf(endpoint.failing_since)],
    ["Disabled from", timeOf(endpoint.will_be_disabled_time)],
    ["Error", textOf(endpoint.error)],
    ["URL", textOf(endpoint.url)],
    ["Owner", textOf(endpoint.owner)],
    ["Endpoint", textOf(endpoint.endpoint_id)],
  ],
});

export const webhookDisabled: Wording<"webhook.disabled"> = (endpoint) => ({
  tone: "trouble",
  headline: `Webhook endpoint ${nameOf(endpoint)} is disabled`,
  lines: ["It receives nothing until it is enabled again."],
  facts: [
    ["Reason", textOf(endpoint.reason)],
    ["Disabled", timeOf(endpoint.disabled_time)],
    ["URL", textOf(endpoint.url)],
    ["Owner", textOf(endpoint.owner)],
    ["Endpoint", textOf(endpoint.endpoint_id)],
  ],
});

function nameOf({ description, endpoint_id }: { readonly description?: unknown; readonly endpoint_id?: unknown }): string {
  return textOf(description) ?? textOf(endpoint_id) ?? "";
}
