import * as z from "zod";
import { coverageOf } from "../../../src/exchanges/coverage.ts";
import { EXAMPLE_RULES } from "../../../src/rules/example-rules.ts";
import { MAX_NODES } from "../../../src/rules/parse-rule.ts";
import { previewGrades } from "../../../src/rules/preview-grades.ts";
import { MAX_FIRED_PER_HOUR } from "../../../src/rules/preview-rule.ts";
import { RULE_FIELDS } from "../../../src/rules/rule-fields.ts";
import { happeningOf } from "../../../src/rules/live-rule.ts";
import type { FollowedRule } from "../../../src/rules/rule-machine.ts";
import { ruleText } from "../../../src/rules/rule-text.ts";
import { nodesOf } from "../../../src/rules/rule-tree.ts";
import { HOUR_MS } from "../../../src/windows/calendar.ts";
import { hasScope, ownerOf } from "../../access/caller.ts";
import { type IdempotentRequest, earlierRequest } from "../../d1/idempotent-requests.ts";
import { newId } from "../../new-id.ts";
import { announceRules } from "../../rules/announce-rules.ts";
import { MAX_GRADED, analystGrade, firedPaths } from "../../rules/grade-preview.ts";
import { previewStored } from "../../rules/preview-stored.ts";
import { type ShownRule, withEndpoints } from "../../rules/rule-endpoints.ts";
import { readRuleEvents } from "../../rules/rule-log.ts";
import {
  MAX_OWN_RULES,
  MAX_RULES,
  type RuleChanges,
  type StoredRule,
  deleteRule,
  followedRule,
  insertRule,
  readRules,
  updateRule,
} from "../../rules/rule-rows.ts";
import type { ApiContext } from "../http/api-env.ts";
import { requireAllCollected } from "../http/collected.ts";
import { idempotentRequest, madeBefore } from "../http/idempotency.ts";
import { emptyOperation, jsonOperation } from "../http/json-operation.ts";
import type { Operation } from "../http/operation.ts";
import { NEWEST, openPage, placeName, placeTime } from "../http/page.ts";
import { parameters } from "../http/parameters.ts";
import { ProblemError } from "../http/problem.ts";
import { chargeCost } from "../http/rate-limit.ts";
import { previewSchema, ruleEventSchema, ruleLanguageSchema, ruleSchema } from "../schemas/rule.ts";
import { newRule, previewBody, previewRange, ruleChanges, ruleOfBody } from "./rule-body.ts";

const PATH = "/v1/rules";
const MAX_SHOWN = 200;
/** A new rule is looked at over this time before it is accepted, ms. */
const CHECKED_MS = 6 * HOUR_MS;
/** A preview reads as much as so many other requests. */
const PREVIEW_COST = 20;

const ofRules = { tag: "Rules", access: "rules" } as const;
const ruleId = z.string().meta({ description: "Id of the rule.", examples: ["rul_3f0c9a6de2b84c51a7d4e8f29b60c135"] });
const one = { params: z.strictObject({ id: ruleId }), problems: ["not_found"] } as const;
const exampleBody = { name: "Large liquidations", rule: "usd_value >= 1_000_000 cooldown 1m", symbols: ["BTC"] };

/** Rules that callers write, for those with the scope `rules`: each manages its own, admins all. */
export const ruleRoutes: readonly Operation[] = [
  jsonOperation({
    tag: "Rules",
    path: `${PATH}/fields`,
    id: "getRuleLanguage",
    cacheSeconds: 60,
    summary: "Get the fields of rules",
    description: "Returns every field that a rule may use, with its unit and what it means, examples and limits.",
    data: ruleLanguageSchema,
    answer: () => {
      const fields = RULE_FIELDS.map(({ name, group, unit, values, window, description }) => {
        return { name, group, unit, values: values === null ? null : [...values], percentiles: window !== null, description };
      });
      return Promise.resolve({ data: { fields, examples: [...EXAMPLE_RULES], max_parts: MAX_NODES, max_rules: MAX_OWN_RULES }, meta: {} });
    },
  }),
  jsonOperation({
    ...ofRules,
    method: "POST",
    path: `${PATH}/preview`,
    id: "previewRule",
    summary: "Check a rule against stored liquidations",
    description:
      "Runs a rule over stored liquidations of up to 7 days, as the hub runs it over live ones: when it would have fired, and what buying or selling each time would have earned over an hour after cost, beside the analyst and a coin. Nothing is stored. The grades describe the past and promise nothing.",
    body: previewBody,
    cost: PREVIEW_COST,
    problems: ["bad_rule", "unknown_symbol"],
    example: { body: { rule: exampleBody.rule, symbols: exampleBody.symbols } },
    data: previewSchema,
    answer: async (c, { body }) => {
      const now = c.get("deps").now();
      const rule = ruleOfBody(body);
      const range = previewRange(body, now);
      await requireAllCollected(c, body.symbols, true);
      const escalateAfterMs = body.escalate_after_s === null ? null : body.escalate_after_s * 1_000;
      const followed: FollowedRule = { id: "preview", version: 0, rule, symbols: body.symbols, escalateAfterMs };
      const found = await previewStored(c.env, c.get("config"), followed, range, now);
      const fired = found.events.filter(({ kind }) => kind === "fired").slice(-MAX_GRADED);
      const [paths, analyst] = await Promise.all([
        firedPaths(c.env.DB, fired, c.get("config").LIQUIDATION_TAKER_FEES_BPS),
        analystGrade(c.env.DB, body.symbols, found.range),
      ]);
      const { events, missing, range: looked, busiest_hour, looks: _looks, gaps, gaps_truncated, ...counts } = found;
      const data = {
        rule: ruleText(rule),
        parts: nodesOf(rule.condition).length,
        start_time: looked.start,
        end_time: looked.end,
        ...counts,
        busiest_hour,
        too_often: (busiest_hour?.fired ?? 0) > MAX_FIRED_PER_HOUR,
        missing: missing.map(({ start, end }) => ({ start_time: start, end_time: end })),
        events: events.slice(-MAX_SHOWN).toReversed().map(happeningOf),
        grades: { horizon: "1h" as const, ...previewGrades(paths), analyst },
      };
      return { data, meta: { coverage: coverageOf(c.get("config")), gaps, gaps_truncated } };
    },
  }),
  jsonOperation({
    ...ofRules,
    path: PATH,
    id: "listRules",
    summary: "List rules",
    description: "Returns the rules of the caller, oldest first; for admins those of all owners. There is only one page.",
    data: z.array(ruleSchema),
    answer: async (c) => {
      const rules = await rulesInSight(c);
      return { data: await shownRules(c, rules), meta: { count: rules.length } };
    },
  }),
  jsonOperation({
    ...ofRules,
    method: "POST",
    path: PATH,
    id: "createRule",
    summary: "Create a rule",
    status: 201,
    idempotent: true,
    body: newRule,
    cost: PREVIEW_COST,
    answerHeaders: ["Location"],
    description: `The hub follows the rule within seconds, and what happens is delivered to the owner's webhook endpoints as rule.fired, rule.escalated, rule.undetermined and rule.digest. A rule that would have fired more than ${MAX_FIRED_PER_HOUR} times in an hour of the last 6 is refused. At most ${MAX_OWN_RULES} rules of an API key and ${MAX_RULES} in all may exist.`,
    answered: "The rule is followed.",
    problems: ["bad_rule", "unknown_symbol", "conflict", "idempotency_mismatch", "rule_fires_too_often"],
    example: { body: exampleBody },
    data: ruleSchema,
    answer: async (c, { body, idempotencyKey }) => {
      const rule = await made(c, body, idempotencyKey);
      c.header("Location", `${PATH}/${rule.id}`);
      return { data: await shownRule(c, rule.id), meta: {} };
    },
  }),
  jsonOperation({
    ...ofRules,
    ...one,
    path: `${PATH}/{id}`,
    id: "getRule",
    summary: "Get a rule",
    description: "Returns the rule and its settings.",
    data: ruleSchema,
    answer: async (c, { params }) => ({ data: await shownRule(c, params.id), meta: {} }),
  }),
  jsonOperation({
    ...ofRules,
    ...one,
    method: "PATCH",
    path: `${PATH}/{id}`,
    id: "updateRule",
    summary: "Update a rule",
    description: `Changes what the body has; the rest stays. With another rule, other base assets or another escalation it counts as ${PREVIEW_COST} requests, because it is checked as a new one is; then, and when it is switched on, it starts again.`,
    body: ruleChanges,
    problems: ["not_found", "bad_rule", "unknown_symbol", "conflict", "rule_fires_too_often"],
    example: { body: { enabled: false } },
    data: ruleSchema,
    answer: async (c, { params, body }) => {
      await changeRule(c, await ruleNamed(c, params.id), body);
      await announceRules(c.env, c.get("config"));
      return { data: await shownRule(c, params.id), meta: {} };
    },
  }),
  emptyOperation({
    ...ofRules,
    ...one,
    method: "DELETE",
    path: `${PATH}/{id}`,
    id: "deleteRule",
    summary: "Delete a rule",
    description: "Deletes the rule and what happened to it. Deliveries that wait at an endpoint are still sent.",
    act: async (c, { params }) => {
      const { id } = await ruleNamed(c, params.id);
      await deleteRule(c.env.DB, id);
      await announceRules(c.env, c.get("config"));
    },
  }),
  jsonOperation({
    ...ofRules,
    ...one,
    path: `${PATH}/{id}/events`,
    id: "listRuleEvents",
    summary: "List what happened to a rule",
    description: "Returns when the rule fired, escalated or was undetermined, newest first. It is kept for 30 days.",
    query: z.strictObject({ limit: parameters.limit.default(100), cursor: parameters.cursor.optional() }),
    data: z.array(ruleEventSchema),
    answer: async (c, { params, query }) => {
      const { id } = await ruleNamed(c, params.id);
      const page = await openPage(`${PATH}/${id}/events`, query, z.tuple([placeTime, placeName]));
      const [time, event] = page.after ?? NEWEST;
      const found = await readRuleEvents(c.env.DB, id, { time, id: event }, page.rowsToRead);
      const { rows, next_cursor } = page.close(found, (last) => [last.time, last.id]);
      return { data: rows, meta: { count: rows.length, next_cursor } };
    },
  }),
];

/** The rule that this request, or an earlier one with the same key, created. */
async function made(c: ApiContext, body: z.output<typeof newRule>, idempotencyKey: string | null): Promise<StoredRule> {
  const request = await idempotentRequest(PATH, body, idempotencyKey);
  const before = await repeated(c, request);
  if (before !== null) return before;
  const now = c.get("deps").now();
  const rule = { id: newId("rul"), owner: ownerOf(c.get("caller")), ...body, version: now, created_time: now };
  await requireRule(c, rule);
  if (!(await insertRule(c.env.DB, rule, request, now))) {
    // The same request may have come twice at once: the one that was inserted counts.
    const twin = await repeated(c, request);
    if (twin !== null) return twin;
    throw new ProblemError("conflict", `There are ${MAX_OWN_RULES} rules of this API key already, or ${MAX_RULES} in all, the maximum.`);
  }
  await announceRules(c.env, c.get("config"));
  return ruleNamed(c, rule.id);
}

/**
 * Changes what is given.
 * @throws {ProblemError} 409 where another change started the rule again meanwhile, which was not checked together with this one
 */
async function changeRule(c: ApiContext, before: StoredRule, body: z.output<typeof ruleChanges>): Promise<void> {
  const changes: RuleChanges = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
  const changed = { ...before, ...changes };
  const isNew = (["rule", "symbols", "escalate_after_s"] as const).some((name) => String(changed[name]) !== String(before[name]));
  if (isNew) {
    await chargeCost(c, PREVIEW_COST);
    await requireRule(c, changed);
  }
  const starts = isNew || (changed.enabled && !before.enabled);
  const restart = starts ? { before: before.version, version: Math.max(c.get("deps").now(), before.version + 1) } : null;
  if ((await updateRule(c.env.DB, before.id, changes, restart)) || restart === null) return;
  throw new ProblemError("conflict", "Another request changed this rule at the same time. Read it again before you change it.");
}

async function repeated(c: ApiContext, request: IdempotentRequest | null): Promise<StoredRule | null> {
  if (request === null) return null;
  const earlier = await earlierRequest(c.env.DB, "rules", request, ownerOf(c.get("caller")), c.get("deps").now());
  return earlier === null ? null : ruleNamed(c, madeBefore(earlier, request));
}

/**
 * Refuses a rule that cannot be followed.
 * @throws {ProblemError} where it cannot be read, names a base asset that nobody collects, or fires too often
 */
async function requireRule(c: ApiContext, rule: Omit<StoredRule, "followed">): Promise<void> {
  ruleOfBody(rule);
  await requireAllCollected(c, rule.symbols, false);
  const now = c.get("deps").now();
  const { busiest_hour, fired } = await previewStored(
    c.env,
    c.get("config"),
    followedRule(rule),
    { start: now - CHECKED_MS, end: now },
    now,
  );
  if (busiest_hour === null || busiest_hour.fired <= MAX_FIRED_PER_HOUR) return;
  throw new ProblemError(
    "rule_fires_too_often",
    `In the last ${CHECKED_MS / HOUR_MS} h the rule would have fired ${fired} times, ${busiest_hour.fired} of them in the hour from ${new Date(busiest_hour.start_time).toISOString()}; allowed: up to ${MAX_FIRED_PER_HOUR} an hour. Narrow its condition, or lengthen its cooldown.`,
  );
}

/** The rules that the caller manages: its own, or all for admins. */
async function rulesInSight(c: ApiContext): Promise<readonly StoredRule[]> {
  const caller = c.get("caller");
  return readRules(c.env.DB, hasScope(caller, "admin") ? null : ownerOf(caller), c.get("deps").now());
}

function shownRules(c: ApiContext, rules: readonly StoredRule[]): Promise<readonly ShownRule[]> {
  return withEndpoints(c.env.DB, c.get("config"), rules, c.get("deps").now());
}

async function shownRule(c: ApiContext, id: string): Promise<ShownRule> {
  const [rule] = await shownRules(c, [await ruleNamed(c, id)]);
  if (rule === undefined) throw new ProblemError("not_found", "This rule does not exist.");
  return rule;
}

/** Rules of other owners are reported as missing. */
async function ruleNamed(c: ApiContext, id: string): Promise<StoredRule> {
  const rule = (await rulesInSight(c)).find((known) => known.id === id);
  if (rule === undefined) throw new ProblemError("not_found", "This rule does not exist.");
  return rule;
}
