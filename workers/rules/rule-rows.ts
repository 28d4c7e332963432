import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import { parseStoredRule } from "../../src/rules/parse-rule.ts";
import type { LiveRule } from "../../src/rules/live-rule.ts";
import type { QuietHours } from "../../src/rules/quiet-hours.ts";
import type { FollowedRule } from "../../src/rules/rule-machine.ts";
import type { IdempotentRequest } from "../d1/idempotent-requests.ts";

/** Hours of a rule as the API writes them. */
export interface WrittenHours {
  /** Local times such as 22:00. */
  readonly start: string;
  readonly end: string;
  readonly utc_offset_minutes: number;
}

/** A rule as the API shows it; times in ms. */
export interface StoredRule {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly rule: string;
  readonly symbols: readonly string[];
  readonly enabled: boolean;
  readonly escalate_after_s: number | null;
  readonly quiet_hours: WrittenHours | null;
  readonly digest_minutes: number | null;
  /** When its text, its base assets or its escalation last changed, or it was switched on: it then starts again. */
  readonly version: number;
  readonly created_time: number;
  /** Whether the hub follows it: it is enabled, its key is valid and has the scope, and it can be read. */
  readonly followed: boolean;
}

/** What a change of a rule may set. */
export type RuleChanges = Partial<
  Pick<StoredRule, "name" | "rule" | "symbols" | "enabled" | "escalate_after_s" | "quiet_hours" | "digest_minutes">
>;

interface RuleRow extends Omit<StoredRule, "id" | "symbols" | "enabled" | "followed" | "quiet_hours"> {
  readonly rule_id: string;
  readonly symbols: string;
  readonly enabled: number;
  readonly followed: number;
  readonly quiet_hours: string | null;
}

/** Maximum numbers of rules: of one owner, and of all. */
export const MAX_OWN_RULES = 20;
export const MAX_RULES = 200;

const COLUMNS = "rule_id, owner, name, rule, symbols, enabled, escalate_after_s, quiet_hours, digest_minutes, version, created_time";
/** Whether the key of a rule is valid at ?1 and has the scope. */
const HAS_KEY = `(owner = 'admin' OR EXISTS (
  SELECT 1 FROM api_keys
  WHERE key_id = owner AND revoked_time IS NULL AND (expires_time IS NULL OR expires_time > ?1)
    AND (scopes LIKE '%"rules"%' OR scopes LIKE '%"admin"%')))`;
const SHOWN = `${COLUMNS}, enabled = 1 AND ${HAS_KEY} AS followed`;
/** Rules of keys that have ended take nobody's place. */
const INSERT = `
  INSERT INTO rules (${COLUMNS}, idempotency_key, request_hash)
  SELECT ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
  WHERE (SELECT count(*) FROM rules WHERE ${HAS_KEY}) < ${MAX_RULES} AND (SELECT count(*) FROM rules WHERE owner = ?3) < ${MAX_OWN_RULES}
  ON CONFLICT (owner, idempotency_key) DO NOTHING`;

/** @returns false where there are too many rules, or where its owner sent the idempotency key before */
export async function insertRule(
  db: D1Database,
  rule: Omit<StoredRule, "followed">,
  request: IdempotentRequest | null,
  now: number,
): Promise<boolean> {
  const { id, owner, version, created_time } = rule;
  const columns = CHANGED_COLUMNS.map((name) => columnOf(rule, name));
  const values = [now, id, owner, ...columns, version, created_time, request?.key ?? null, request?.hash ?? null];
  const { meta } = await db
    .prepare(INSERT)
    .bind(...values)
    .run();
  return meta.changes > 0;
}

/** In the order of `COLUMNS`. */
const CHANGED_COLUMNS = ["name", "rule", "symbols", "enabled", "escalate_after_s", "quiet_hours", "digest_minutes"] as const;

/** A change that starts a rule again. */
export interface Restart {
  /** The version that the change was made to. */
  readonly before: number;
  readonly version: number;
}

/**
 * Sets what is given and nothing else, so that two changes at once lose neither.
 * @param restart null where the rule goes on where it stands
 * @returns false where the rule is gone, or was started again meanwhile by another change
 */
export async function updateRule(db: D1Database, id: string, changes: RuleChanges, restart: Restart | null): Promise<boolean> {
  const names = CHANGED_COLUMNS.filter((name) => changes[name] !== undefined);
  const values = names.map((name) => columnOf(changes, name));
  const sets = names.map((name, index) => `${name} = ?${index + 4}`);
  if (restart !== null) sets.push("version = ?3");
  const sql = `UPDATE rules SET ${sets.join(", ")} WHERE rule_id = ?1 AND (?2 IS NULL OR version = ?2) AND (?3 IS NULL OR ?3 > version)`;
  const bound = [id, restart?.before ?? null, restart?.version ?? null, ...values];
  const { meta } = await db
    .prepare(sql)
    .bind(...bound)
    .run();
  return meta.changes > 0;
}

function columnOf(of: RuleChanges, name: (typeof CHANGED_COLUMNS)[number]): string | number | null {
  const value = of[name] ?? null;
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : value;
}

/** The rules of one owner, or of all, oldest first. */
export async function readRules(db: D1Database, owner: string | null, now: number): Promise<readonly StoredRule[]> {
  const sql = `SELECT ${SHOWN} FROM rules WHERE ?2 IS NULL OR owner = ?2 ORDER BY created_time, rule_id`;
  const { results } = await db.prepare(sql).bind(now, owner).all<RuleRow>();
  return results.map(ruleOf).map((rule) => ({ ...rule, followed: rule.followed && isReadable(rule) }));
}

/** Whether the hub can read a rule: another version of the Worker may have written it. */
function isReadable(rule: StoredRule): boolean {
  try {
    followedRule(rule);
    return true;
  } catch {
    return false;
  }
}

/** Whether the key of a rule ended before ?1, as a condition of SQL. */
export const OF_ENDED_KEYS = `owner <> 'admin' AND NOT EXISTS (
  SELECT 1 FROM api_keys
  WHERE key_id = owner AND (revoked_time IS NULL OR revoked_time >= ?1) AND (expires_time IS NULL OR expires_time >= ?1))`;

/** Deletes a rule with what happened to it. */
export async function deleteRule(db: D1Database, id: string): Promise<void> {
  await db.batch([
    db.prepare("DELETE FROM rules WHERE rule_id = ?").bind(id),
    db.prepare("DELETE FROM rule_events WHERE rule_id = ?").bind(id),
  ]);
}

const FOLLOWED = `SELECT ${SHOWN} FROM rules WHERE enabled = 1 AND ${HAS_KEY} ORDER BY rule_id`;

/** The enabled rules whose keys are valid. */
export async function readLiveRules(db: D1Database, now: number): Promise<readonly LiveRule[]> {
  const { results } = await db.prepare(FOLLOWED).bind(now).all<RuleRow>();
  return results.flatMap((row) => liveRule(ruleOf(row)) ?? []);
}

/** Null where the rule cannot be read: it was written for another version of the Worker. The others are followed all the same. */
function liveRule(rule: StoredRule): LiveRule | null {
  const { id, owner, name, digest_minutes: digestMinutes, quiet_hours: hours } = rule;
  try {
    return {
      followed: followedRule(rule),
      owner,
      name,
      text: rule.rule,
      digestMinutes,
      quietHours: hours === null ? null : quietHours(hours),
    };
  } catch (error) {
    writeLog("error", { event: "rule_unreadable", rule: id, error: messageOf(error) });
    return null;
  }
}

type WrittenRule = Pick<StoredRule, "id" | "version" | "rule" | "symbols" | "escalate_after_s">;

export function followedRule({ id, version, rule, symbols, escalate_after_s }: WrittenRule): FollowedRule {
  return {
    id,
    version,
    rule: parseStoredRule(rule),
    symbols,
    escalateAfterMs: escalate_after_s === null ? null : escalate_after_s * 1_000,
  };
}

function quietHours({ start, end, utc_offset_minutes }: WrittenHours): QuietHours {
  return { startMinute: minuteOf(start), endMinute: minuteOf(end), utcOffsetMinutes: utc_offset_minutes };
}

/** The minute of the day of a time such as 22:00. */
function minuteOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}

function ruleOf({ rule_id, symbols, enabled, followed, quiet_hours, ...row }: RuleRow): StoredRule {
  return {
    id: rule_id,
    ...row,
    symbols: JSON.parse(symbols) as readonly string[],
    enabled: enabled === 1,
    followed: followed === 1,
    quiet_hours: quiet_hours === null ? null : (JSON.parse(quiet_hours) as WrittenHours),
  };
}
