import { randomUUID } from "node:crypto";
import type { Answer, Attack } from "./attack.ts";
import { bearer, type Keys } from "./key-attacks.ts";

const AT_ONCE = 20;

/** Requests sent at once, and what all of their answers must be. */
export interface Race {
  readonly category: "idempotency races";
  readonly name: string;
  readonly attacks: readonly Attack[];
  /** What is wrong with the answers together, or null. */
  judgeAll(answers: readonly Answer[]): string | null;
}

export function races(keys: Keys): readonly Race[] {
  const webhook = { url: `https://example.com/${randomUUID()}`, events: [] };
  const anExport = { start: "2026-11-20T00:00:00Z", end: "2026-11-20T01:00:00Z", format: "csv" };
  return [
    race(
      "one webhook endpoint",
      "/v1/webhooks",
      keys.admin,
      () => webhook,
      (answers) => oneOf(answers, 201, "id"),
    ),
    race(
      "one export",
      "/v1/exports",
      keys.exporter,
      () => anExport,
      (answers) => oneOf(answers, 202, "export_id"),
    ),
    race(
      "other bodies under one key",
      "/v1/exports",
      keys.exporter,
      (index) => ({ ...anExport, end: `2026-11-20T${String(2 + (index % 2)).padStart(2, "0")}:00:00Z` }),
      (answers) => {
        const others = answers.filter(({ status }) => status === 422).length;
        return others === AT_ONCE / 2 ? null : `${others} of ${AT_ONCE} were refused as another request, not ${AT_ONCE / 2}`;
      },
    ),
    {
      ...race(
        "the key of another caller",
        "/v1/exports",
        keys.exporter,
        () => anExport,
        (answers) => twoCallers(answers),
      ),
      attacks: [keys.exporter, keys.otherExporter].map((key) => post("/v1/exports", key, anExport, "the-same-for-both")),
    },
  ];
}

function race(name: string, path: string, key: string, bodyOf: (index: number) => object, judgeAll: Race["judgeAll"]): Race {
  const idempotencyKey = randomUUID();
  const attacks = Array.from({ length: AT_ONCE }, (_, index) => post(path, key, bodyOf(index), idempotencyKey));
  return { category: "idempotency races", name, attacks, judgeAll };
}

function post(path: string, key: string, body: object, idempotencyKey: string): Attack {
  return {
    category: "idempotency races",
    name: path,
    method: "POST",
    path,
    headers: { ...bearer(key), "Content-Type": "application/json", "Idempotency-Key": idempotencyKey },
    body: JSON.stringify(body),
  };
}

function oneOf(answers: readonly Answer[], status: number, field: string): string | null {
  const made = answers.filter((answer) => answer.status === status);
  const ids = new Set(made.map(({ text }) => idOf(text, field)));
  if (made.length === 0) return `none of ${answers.length} made one: ${answers[0]?.status} ${answers[0]?.text.slice(0, 200)}`;
  return ids.size === 1 ? null : `${answers.length} requests with one Idempotency-Key made ${ids.size}`;
}

function twoCallers(answers: readonly Answer[]): string | null {
  const ids = new Set(answers.map(({ text }) => idOf(text, "export_id")));
  return ids.size === answers.length ? null : "a caller got the export of another by its Idempotency-Key";
}

function idOf(text: string, field: string): unknown {
  return (JSON.parse(text) as { readonly data?: Readonly<Record<string, unknown>> }).data?.[field];
}
