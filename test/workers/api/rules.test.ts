import { env } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { parseConfig } from "../../../src/config.ts";
import { DAY_MS } from "../../../src/windows/calendar.ts";
import type { Env } from "../../../workers/env.ts";
import { analystGrade } from "../../../workers/rules/grade-preview.ts";
import { logRuleEvents } from "../../../workers/rules/rule-log.ts";
import { retention } from "../../../workers/cron/retention.ts";
import { readLiveRules, readRules, updateRule } from "../../../workers/rules/rule-rows.ts";
import { d1Sink } from "../../../workers/sinks/d1.ts";
import { emptyStorage } from "../empty-storage.ts";
import { sampleBatch, sampleLiquidation } from "../sample-liquidation.ts";
import { mcpClient } from "../mcp/mcp-client.ts";
import { apiClient } from "./api-client.ts";

const NOW = Date.UTC(2026, 10, 20, 12);
const TOKEN = "s3cret-s3cret-s3cret-s3cret-s3cret";
const ask = apiClient(NOW, { ADMIN_TOKEN: TOKEN });
const call = (method: string, path: string, body?: object, key = TOKEN, headers: Record<string, string> = {}) =>
  ask(`/v1/rules${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const RULE = { name: "Large ones", rule: "usd_value >= 1_000_000 cooldown 1m", symbols: ["btc"] };

afterEach(emptyStorage);

async function makeKey(scopes: readonly string[]) {
  const headers = { Authorization: `Bearer ${TOKEN}` };
  const made = await ask("/v1/keys", { method: "POST", headers, body: JSON.stringify({ name: "k", scopes }) });
  const { key, key_id: id } = made.body.data as { key: string; key_id: string };
  return { key, id, revoke: () => ask(`/v1/keys/${id}`, { method: "DELETE", headers }) };
}

/** One liquidation a second, of a million USD each, in the last ten minutes. */
async function storeBusyMinutes(): Promise<void> {
  const rows = Array.from({ length: 600 }, (_, index) => {
    const time = NOW - 600_000 + index * 1_000;
    return sampleLiquidation({ event_id: `e-${index}`, event_time: time, received_time: time + 100, usd_value: 1_000_000, spread_bps: 1 });
  });
  await d1Sink.write(env as unknown as Env, parseConfig({}), sampleBatch(rows));
}

/** A decision of the rule model and its grade. */
async function decided(minute: number, symbol: string, net: number): Promise<void> {
  const id = `${symbol}-${minute}`;
  await env.DB.prepare(
    "INSERT INTO spike_history (minute, signal_id, symbol, analyst, action, confidence) VALUES (?, ?, ?, 'rules', 'BUY', 60)",
  )
    .bind(minute, id, symbol)
    .run();
  await env.DB.prepare("INSERT INTO signal_grades (signal_id, horizon, due_time, entry_time, net_return_bps) VALUES (?, '1h', 1, ?, ?)")
    .bind(id, minute + 60_000, net)
    .run();
}

describe("rules", () => {
  test("are for holders of the scope rules, who manage their own; an admin sees all", async () => {
    const [one, other, reader] = [await makeKey(["rules"]), await makeKey(["rules"]), await makeKey(["read"])];
    expect(await call("GET", "", undefined, reader.key)).toMatchObject({ status: 403, body: { code: "forbidden" } });
    const made = await call("POST", "", RULE, one.key);
    expect(made).toMatchObject({
      status: 201,
      body: { data: { ...RULE, symbols: ["BTC"], owner: one.id, enabled: true, quiet_hours: null } },
    });
    const path = `/${made.body.data.id}`;
    expect(made.headers.get("Location")).toBe(`/v1/rules${path}`);
    expect((await call("GET", "", undefined, other.key)).body.data).toEqual([]);
    expect((await call("GET", path, undefined, other.key)).status).toBe(404);
    expect((await call("GET", "")).body.data).toMatchObject([{ id: made.body.data.id }]);

    const changed = await call("PATCH", path, { quiet_hours: { start: "22:00", end: "07:00" }, enabled: false }, one.key);
    expect(changed.body.data).toMatchObject({
      enabled: false,
      rule: RULE.rule,
      quiet_hours: { start: "22:00", end: "07:00", utc_offset_minutes: 0 },
    });
    expect(await readLiveRules(env.DB, NOW)).toEqual([]);
    const enabled = await call("PATCH", path, { enabled: true }, one.key);
    expect(enabled.body.data.version, "it starts again").not.toBe(changed.body.data.version);
    expect(await readLiveRules(env.DB, NOW)).toMatchObject([{ owner: one.id, quietHours: { startMinute: 1_320, endMinute: 420 } }]);
    expect((await call("GET", path)).body.data).toMatchObject({ enabled: true, followed: true });
    await one.revoke();
    expect(await readLiveRules(env.DB, NOW), "its key was revoked").toEqual([]);
    expect((await call("GET", path)).body.data).toMatchObject({ enabled: true, followed: false });
    expect((await call("DELETE", path)).status).toBe(204);
    expect((await call("GET", path)).status).toBe(404);
  });

  test("that cannot be read are refused with line, column and the nearest names", async () => {
    const { status, body } = await call("POST", "", { ...RULE, rule: "usd_value > 5 and\n  spread_bsp < 3" });
    expect({ status, ...body }).toMatchObject({
      status: 400,
      code: "bad_rule",
      nearest: ["spread_bps"],
      errors: [{ parameter: "rule", line: 2, column: 3, detail: "line 2, column 3: spread_bsp is no field; did you mean spread_bps?" }],
    });
    const errors = async (wrong: object) =>
      ((await call("POST", "", wrong)).body.errors as { parameter: string }[]).map((one) => one.parameter);
    expect(await errors({})).toEqual(["name", "rule", "symbols"]);
    expect(await errors({ ...RULE, symbols: [], digest_minutes: 1, escalate_after_s: 1, quiet_hours: { start: "25:00" } })).toEqual([
      "symbols",
      "escalate_after_s",
      "quiet_hours",
      "quiet_hours",
      "digest_minutes",
    ]);
    expect(await errors({ ...RULE, escalate_after_s: 60 }), "a single liquidation does not last").toEqual(["escalate_after_s"]);
    expect((await call("PATCH", "/x", {})).status).toBe(400);
    expect(await call("POST", "", { ...RULE, rule: "long_usd_5m > 1 cooldown 8d" })).toMatchObject({
      status: 400,
      body: { code: "bad_rule" },
    });
  });

  test("are at most 20 of a key, and one request repeated makes one", async () => {
    const { key } = await makeKey(["rules"]);
    const twice = [1, 2].map(() => call("POST", "", RULE, key, { "Idempotency-Key": "same" }));
    const [first, second] = await Promise.all(twice);
    expect(second?.body.data.id).toBe(first?.body.data.id);
    expect((await call("POST", "", { ...RULE, name: "other" }, key, { "Idempotency-Key": "same" })).status).toBe(422);
    const columns = "(rule_id, owner, name, rule, symbols, enabled, version, created_time)";
    const owner = first?.body.data.owner as string;
    for (let count = 1; count < 20; count += 1)
      await env.DB.prepare(`INSERT INTO rules ${columns} VALUES (?, ?, 'n', 'usd_value > 1', '["BTC"]', 1, 1, 1)`)
        .bind(`rul_${count}`, owner)
        .run();
    expect(await call("POST", "", RULE, key)).toMatchObject({ status: 409, body: { detail: expect.stringContaining("20 rules") } });
  });

  test("of keys that have ended take nobody's place, and are deleted with what happened to them", async () => {
    const [gone, rising] = [await makeKey(["rules"]), await makeKey(["rules"])];
    const insert = env.DB.prepare(
      `INSERT INTO rules (rule_id, owner, name, rule, symbols, enabled, version, created_time)
       SELECT 'rul_' || value, ?1, 'n', 'usd_value > 1', '["BTC"]', 1, 1, 1 FROM json_each(?2)`,
    );
    await insert.bind(gone.id, JSON.stringify(Array.from({ length: 200 }, (_, index) => index))).run();
    expect(await call("POST", "", RULE, rising.key)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining("200 in all") },
    });
    await gone.revoke();
    expect((await call("POST", "", RULE, rising.key)).status).toBe(201);
    const config = parseConfig({});
    const [early, late] = [29, 31].map((days) => retention(env.DB, config, NOW + days * DAY_MS, []));
    expect((await early)?.deleted.rules).toBe(0);
    expect((await late)?.deleted.rules).toBe(200);
    expect((await call("GET", "")).body.data).toMatchObject([{ owner: rising.id, followed: true }]);
  });

  test("say how many webhook endpoints take what happens to them", async () => {
    const { key } = await makeKey(["rules", "webhooks"]);
    const { id, endpoints } = (await call("POST", "", RULE, key)).body.data;
    expect(endpoints, "nothing is sent").toBe(0);
    const hook = async (body: object, headers = { Authorization: `Bearer ${key}` }) => {
      const init = { method: "POST", headers, body: JSON.stringify({ url: "https://hooks.example.com/x", ...body }) };
      expect((await ask("/v1/webhooks", init)).status).toBe(201);
    };
    await hook({ events: ["cascade.started"] });
    await hook({ events: ["rule.fired"], symbols: ["ETH"] });
    await hook({ events: ["rule.fired"] }, { Authorization: `Bearer ${TOKEN}` });
    expect((await call("GET", `/${id}`, undefined, key)).body.data.endpoints).toBe(0);
    await hook({ events: ["rule.digest"] });
    await hook({ events: ["rule.escalated"] });
    expect((await call("GET", `/${id}`, undefined, key)).body.data.endpoints, "it makes neither").toBe(0);
    await hook({ symbols: ["BTC", "ETH"] });
    await hook({ events: ["rule.undetermined", "rule.fired"] });
    expect((await call("GET", "", undefined, key)).body.data).toMatchObject([{ endpoints: 2 }]);
    const hours = { quiet_hours: { start: "22:00", end: "07:00" } };
    expect((await call("PATCH", `/${id}`, hours, key)).body.data.endpoints, "digests by night").toBe(3);
    expect((await call("PATCH", `/${id}`, { digest_minutes: 30 }, key)).body.data.endpoints, "nothing but digests").toBe(2);
    const lasting = { rule: "long_usd_5m > 1e9", escalate_after_s: 600 };
    expect((await call("PATCH", `/${id}`, lasting, key)).body.data.endpoints, "and escalations").toBe(3);
  });

  test("of an earlier version are followed though they would be refused today, and one that cannot be read says that it is not", async () => {
    const insert = env.DB.prepare(
      `INSERT INTO rules (rule_id, owner, name, rule, symbols, enabled, version, created_time) VALUES (?1, 'admin', 'n', ?2, '["BTC"]', 1, 1, ?3)`,
    );
    const texts = ["usd_value >= 1_000_000 or spread_bps / 0 > 5", "usd_value >= gone_field"];
    await env.DB.batch(texts.map((text, index) => insert.bind(`rul_${index}`, text, index)));
    expect((await call("POST", "", { ...RULE, rule: texts[0] })).body.code).toBe("bad_rule");
    expect((await readLiveRules(env.DB, NOW)).map(({ followed }) => followed.id)).toEqual(["rul_0"]);
    expect((await call("GET", "")).body.data).toMatchObject([
      { id: "rul_0", followed: true },
      { id: "rul_1", enabled: true, followed: false },
    ]);
  });

  test("keep each of two changes at once, and refuse one that was made to another version", async () => {
    const { id } = (await call("POST", "", RULE)).body.data;
    const [stale] = await readRules(env.DB, null, NOW);
    const changes = [{ name: "Renamed" }, { digest_minutes: 30 }, { quiet_hours: { start: "22:00", end: "07:00" } }];
    const statuses = await Promise.all(changes.map((body) => call("PATCH", `/${id}`, body)));
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await call("GET", `/${id}`)).body.data).toMatchObject({ name: "Renamed", digest_minutes: 30, quiet_hours: { start: "22:00" } });

    const version = stale?.version ?? 0;
    expect((await call("PATCH", `/${id}`, { rule: "usd_value >= 2_000_000" })).status).toBe(200);
    const late = { before: version, version: version + 5 };
    expect(await updateRule(env.DB, id, { symbols: ["ETH"] }, late), "it was checked with the other text").toBe(false);
    expect((await call("GET", `/${id}`)).body.data).toMatchObject({ rule: "usd_value >= 2_000_000", symbols: ["BTC"] });
  });

  test("cost as much to check as a preview where they are created, or their text changes", async () => {
    let counted = 0;
    const limiter = { limit: () => Promise.resolve({ success: (counted += 1) > 0 }) };
    const limited = apiClient(NOW, { ADMIN_TOKEN: TOKEN, RATE_LIMIT: limiter, KEY_RATE_LIMIT: limiter });
    const costOf = async (method: string, path: string, body: object) => {
      counted = 0;
      const reply = await limited(`/v1/rules${path}`, {
        method,
        headers: { Authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(body),
      });
      return { status: reply.status, counted, id: reply.body.data?.id as string };
    };
    const preview = await costOf("POST", "/preview", { rule: RULE.rule, symbols: RULE.symbols });
    expect(preview.counted).toBeGreaterThanOrEqual(20);
    const made = await costOf("POST", "", RULE);
    expect(made).toMatchObject({ status: 201, counted: preview.counted });
    expect((await costOf("PATCH", `/${made.id}`, { symbols: ["ETH"] })).counted).toBe(preview.counted);
    expect((await costOf("PATCH", `/${made.id}`, { name: "Renamed" })).counted).toBe(preview.counted - 19);
  });

  test("that would fire every second are refused with the count of their preview", async () => {
    await storeBusyMinutes();
    const rule = "usd_value >= 1_000_000 cooldown 0s";
    const refused = await call("POST", "", { ...RULE, rule });
    expect(refused).toMatchObject({
      status: 422,
      body: { code: "rule_fires_too_often", detail: expect.stringContaining("would have fired 600 times") },
    });
    expect((await call("POST", "", RULE)).status, "with a cooldown of a minute it fires ten times").toBe(201);
  });

  test("show what they would have done, with the grades of buying and selling beside the analyst and a coin", async () => {
    await storeBusyMinutes();
    const { status, body } = await call("POST", "/preview", {
      rule: "usd_value >= 1_000_000 and spread_bps < 5 cooldown 2m",
      symbols: ["BTC"],
    });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.data).toMatchObject({
      rule: "(usd_value >= 1000000) and (spread_bps < 5) cooldown 2m",
      fired: 5,
      liquidations: 600,
      too_often: false,
      busiest_hour: { start_time: NOW - 3_600_000, fired: 5 },
      grades: {
        horizon: "1h",
        graded: 0,
        ungraded: 5,
        buy: { trades: 0, mean_net_bps: null },
        coin: { hit_rate: null },
        analyst: { trades: 0 },
      },
    });
    expect(body.data.events).toHaveLength(5);
    expect(body.data.events[4]).toMatchObject({
      kind: "fired",
      symbol: "BTC",
      liquidation_id: "e-0",
      values: { usd_value: 1_000_000, spread_bps: 1 },
    });
    expect(body.meta).toMatchObject({ count: 1, gaps: [], coverage: { binance: "largest_per_second" } });
    const gap = { exchange: "okx", from_time: NOW - 3_600_000, to_time: NOW - 3_000_000, reason: "disconnected" };
    const before = { ...gap, from_time: NOW - 86_460_000, to_time: NOW - 86_410_000 };
    for (const { exchange, from_time, to_time, reason } of [gap, before])
      await env.DB.prepare("INSERT INTO gaps (exchange, from_time, to_time, reason) VALUES (?, ?, ?, ?)")
        .bind(exchange, from_time, to_time, reason)
        .run();
    const covered = await call("POST", "/preview", { rule: RULE.rule, symbols: ["BTC"] });
    expect(covered.body.meta.gaps, "of the range, and not of what was read before it").toEqual([gap]);
    const range = { rule: RULE.rule, symbols: ["BTC"], start: NOW - 8 * 86_400_000 };
    expect(await call("POST", "/preview", range)).toMatchObject({ status: 400, body: { errors: [{ parameter: "start" }] } });
  });

  test("stand beside the grades of all decisions of exactly their time", async () => {
    const range = { start: NOW - 7_200_000, end: NOW - 3_600_000 };
    await decided(range.start, "BTC", 5);
    for (const minute of [range.start - 60_000, range.end, range.end + 60_000]) await decided(minute, "BTC", 100);
    await decided(range.start, "ETH", 100);
    expect(await analystGrade(env.DB, ["BTC"], range)).toMatchObject({ trades: 1, mean_net_bps: 5 });
  });

  test("list what happened, newest first, page by page", async () => {
    const { id } = (await call("POST", "", RULE)).body.data;
    const happening = { kind: "fired", symbol: "BTC", values: { usd_value: 2e6 }, liquidation_id: "e", silent_exchanges: ["okx"] } as const;
    const times = [1, 2, 3].map((minute) => NOW - minute * 60_000);
    await logRuleEvents(
      env.DB,
      times.map((time) => ({
        ruleId: id,
        logged: { ...happening, id: `rule.fired:${id}:BTC:${time}`, time, release_time: time, omitted: false },
      })),
    );
    const first = await call("GET", `/${id}/events?limit=2`);
    expect(first.body.data.map(({ time }: { time: number }) => time)).toEqual(times.slice(0, 2));
    expect(first.body.data[0]).toMatchObject(happening);
    const rest = await call("GET", `/${id}/events?limit=2&cursor=${first.body.meta.next_cursor}`);
    expect(rest.body.data.map(({ time }: { time: number }) => time)).toEqual(times.slice(2));
  });

  test("are listed, previewed and made by tools for models, with the scope alone", async () => {
    const { call: callTool } = mcpClient(NOW, { ADMIN_TOKEN: TOKEN });
    const { key, id } = await makeKey(["read", "rules"]);
    const headers = { Authorization: `Bearer ${key}` };
    expect(await callTool("create_rule", RULE)).toMatchObject({ isError: true, text: expect.stringContaining("scope rules") });
    const preview = await callTool("preview_rule", { rule: RULE.rule, symbols: ["BTC"], start: null }, headers);
    expect(preview.structuredContent).toMatchObject({ data: { fired: 0, grades: { horizon: "1h" } } });
    const wrong = await callTool("create_rule", { ...RULE, rule: "usd_value >" }, headers);
    expect(wrong).toMatchObject({
      isError: true,
      text: expect.stringContaining("line 1, column 12: the end of the rule is not expected here"),
    });
    expect((await callTool("create_rule", RULE, headers)).structuredContent).toMatchObject({ data: { owner: id, name: RULE.name } });
    const delivery = { escalate_after_s: 600, quiet_hours: { start: "22:00", end: "07:00", utc_offset_minutes: 60 }, digest_minutes: 30 };
    const lasting = { ...RULE, rule: "long_usd_5m > 1e9", ...delivery };
    expect((await callTool("create_rule", lasting, headers)).structuredContent).toMatchObject({ data: delivery });
    expect((await callTool("list_rules", {}, headers)).structuredContent).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining(delivery)]),
    });
  });

  test("have a language that anybody may read", async () => {
    const { body } = await ask("/v1/rules/fields");
    expect(body.data.fields.find(({ name }: { name: string }) => name === "long_usd_5m")).toMatchObject({ unit: "USD", percentiles: true });
    expect(body.data).toMatchObject({ max_parts: 64, max_rules: 20 });
  });
});
