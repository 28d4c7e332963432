import type { Answer, Attack } from "./attack.ts";

/** An attack that makes the Worker think for longer has found something; the slowest honest answer takes a tenth of it. */
const MAX_MS = 10_000;

/** Texts of the inside that no response has. */
const LEAKS: readonly RegExp[] = [
  /node_modules/u,
  /\bat (?:async )?[\w.<>]+ \(?(?:file:|\/|index\.js|workers\/)/u,
  /\b(?:D1_ERROR|SQLITE_|SqliteError|PostgrestError)\b/u,
  /\b(?:TypeError|ReferenceError|RangeError|SyntaxError|ZodError)\b/u,
  /root:[x*]:0:0/u,
  /\bSELECT\b.+\bFROM\b/u,
];

/** What answers are held against. */
export interface Bounds {
  /** Texts that no answer may have. */
  readonly secrets: readonly string[];
  /** The codes of problems, according to the Worker's document. */
  readonly codes: ReadonlySet<string>;
}

/** What is wrong with an answer, or null. */
export function judge(attack: Attack, answer: Answer, { secrets, codes }: Bounds): string | null {
  return (
    statusFault(attack, answer) ??
    leakFault(answer, secrets) ??
    problemFault(answer, codes) ??
    headerFault(answer) ??
    (answer.tookMs > MAX_MS ? `it took ${answer.tookMs.toFixed(0)} ms` : null) ??
    attack.judge?.(answer) ??
    null
  );
}

function statusFault({ expect }: Attack, { status, text }: Answer): string | null {
  // Documented: the archive is not configured.
  if (status >= 500 && !(status === 501 && text.includes('"archive_off"'))) return `status ${status}`;
  // A refusal of too many requests says nothing about the attack; it was tried again before.
  if (expect === undefined || expect.includes(status)) return null;
  return `status ${status}, not ${expect.join(" or ")}`;
}

function leakFault({ text, headers }: Answer, secrets: readonly string[]): string | null {
  const written = `${text}\n${[...headers].map(([name, value]) => `${name}: ${value}`).join("\n")}`;
  if (secrets.some((secret) => written.includes(secret))) return "it leaks a secret";
  const leak = isDocument(headers) ? undefined : LEAKS.find((each) => each.test(written));
  return leak === undefined ? null : `it leaks ${leak.exec(written)?.[0].slice(0, 80)}`;
}

/** Pages of the documentation may speak of errors. */
function isDocument(headers: Headers): boolean {
  return /html|javascript|markdown|text\/plain/u.test(headers.get("Content-Type") ?? "");
}

function problemFault({ status, headers, text }: Answer, codes: ReadonlySet<string>): string | null {
  // The body of HEAD is omitted, and MCP answers with errors of JSON-RPC.
  if (status < 400 || text === "") return null;
  if (text.startsWith('{"jsonrpc"')) return null;
  const type = headers.get("Content-Type") ?? "";
  if (!type.startsWith("application/problem+json")) return `an error of the type ${type}`;
  const problem = parse(text);
  if (problem === null) return "a problem in another form than a JSON object";
  if (!codes.has(String(problem.code))) return `an unknown code: ${String(problem.code)}`;
  if (problem.status !== status) return `a problem of status ${String(problem.status)} in a response of ${status}`;
  if (!isText(problem.detail) || !isText(problem.title)) return "a problem without title or detail";
  if (typeof problem.instance !== "string" || !problem.instance.startsWith("/")) return "a problem without instance";
  return problem.request_id === headers.get("X-Request-Id") ? null : "a problem with another request id than its header";
}

function isText(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function headerFault({ headers }: Answer): string | null {
  if (headers.get("X-Content-Type-Options") !== "nosniff") return "no X-Content-Type-Options";
  if (headers.get("Access-Control-Allow-Credentials") !== null) return "other sites may send the caller's credentials";
  return headers.get("Set-Cookie") === null ? null : "a cookie";
}

function parse(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}
