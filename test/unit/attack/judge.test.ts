import { expect, test } from "vitest";
import type { Answer, Attack } from "../../../scripts/attack/attack.ts";
import { judge } from "../../../scripts/attack/judge.ts";

const BOUNDS = { secrets: ["the-admin-token"], codes: new Set(["bad_parameters", "archive_off"]) };
const ATTACK: Attack = { category: "hostile parameters", name: "a NUL", path: "/v1/stats" };
const PROBLEM = {
  type: "about:blank",
  title: "Bad Request",
  status: 400,
  detail: "no",
  instance: "/v1/stats",
  code: "bad_parameters",
  request_id: "r",
};
const HEADERS = { "Content-Type": "application/problem+json", "X-Content-Type-Options": "nosniff", "X-Request-Id": "r" };

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: new Headers({ ...HEADERS, ...headers }),
    text: typeof body === "string" ? body : JSON.stringify(body),
    tookMs: 5,
  };
}

function found(given: Answer, attack: Partial<Attack> = {}): string | null {
  return judge({ ...ATTACK, ...attack }, given, BOUNDS);
}

test("a valid problem document is what an abuse should get", () => {
  expect(found(answer(400, PROBLEM))).toBeNull();
});

test.each([
  ["a 5xx", answer(500, { ...PROBLEM, status: 500 }), "status 500"],
  [
    "an error that is not a problem",
    answer(400, { error: "x" }, { "Content-Type": "application/json" }),
    "an error of the type application/json",
  ],
  ["a code that the document lacks", answer(400, { ...PROBLEM, code: "oops" }), "an unknown code: oops"],
  ["a problem of another status", answer(404, PROBLEM), "a problem of status 400 in a response of 404"],
  ["another request id", answer(400, { ...PROBLEM, request_id: "s" }), "a problem with another request id than its header"],
  ["a stack", answer(400, { ...PROBLEM, detail: "TypeError: x at y" }), "it leaks TypeError"],
  ["an error of a database", answer(400, { ...PROBLEM, detail: "D1_ERROR: no such column" }), "it leaks D1_ERROR"],
  ["the admin token", answer(200, "the-admin-token"), "it leaks a secret"],
  [
    "credentials of other sites",
    answer(200, "{}", { "Access-Control-Allow-Credentials": "true" }),
    "other sites may send the caller's credentials",
  ],
  ["a slow answer", { ...answer(200, "{}"), tookMs: 11_000 }, "it took 11000 ms"],
])("%s is a finding", (_what, given, finding) => {
  expect(found(given)).toBe(finding);
});

test("the archive that is off is documented, and a status that was not expected is a finding", () => {
  expect(found(answer(501, { ...PROBLEM, status: 501, code: "archive_off" }))).toBeNull();
  expect(found(answer(400, PROBLEM), { expect: [401] })).toBe("status 400, not 401");
  expect(found(answer(200, "{}"), { judge: () => "it shows API keys" })).toBe("it shows API keys");
});
