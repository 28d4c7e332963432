import { MAX_WAIT_MS } from "../../src/backoff.ts";
import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";
import type { DueDelivery, LoggedHappening, RuleOfDelivery } from "../../src/rules/live-rule.ts";
import type { PublishOutcome } from "../../src/webhooks/event.ts";

/** What could not be published for this long after its time is given up. */
const PUBLISH_WITHIN_MS = 3_600_000;
const FIRST_WAIT_MS = 10_000;
/** Happenings that are stored at once, and deliveries of one run. */
const AT_ONCE = 100;

export interface RuleOutboxDependencies {
  readonly sql: SqlStorage;
  /** Stores happenings where their owner sees them. May throw: it is called again with the same ones. */
  log(happenings: readonly { readonly ruleId: string; readonly logged: LoggedHappening }[]): Promise<void>;
  publish(delivery: DueDelivery): Promise<PublishOutcome>;
  /** Notes a delivery that is given up. May throw: it then stays in the outbox. */
  addDeadLetter(delivery: DueDelivery, reason: string): Promise<void>;
  now(): number;
}

interface Row {
  readonly id: number;
  readonly release_time: number;
  readonly not_sent: number;
  readonly tries: number;
  readonly rule: string;
  readonly happening: string;
}

type SqlRow = Row & Record<string, SqlStorageValue>;

/** The happenings of one delivery: one alone, or all that are held back until the same time, so that no digest is cut. */
const GROUP = `iif(release_time > happening ->> '$.time', (rule ->> '$.rule_id') || ' ' || release_time, id)`;
const DUE = `
  WITH due AS (
    SELECT ${GROUP} AS name FROM rule_outbox
    WHERE logged = 1 AND release_time <= ?1 AND (next_time <= ?1 OR next_time > ?1 + ${MAX_WAIT_MS})
    GROUP BY name ORDER BY min(id) LIMIT ${AT_ONCE}
  )
  SELECT id, release_time, not_sent, tries, rule, happening FROM rule_outbox
  WHERE logged = 1 AND ${GROUP} IN (SELECT name FROM due) ORDER BY id`;

/** Rows of the outbox that are delivered together. */
interface DueRows {
  readonly rows: readonly Row[];
  readonly delivery: DueDelivery;
}

/** What happened to rules, until it is stored and delivered: it survives a restart, and waits for the end of quiet hours. */
export class RuleOutbox {
  readonly #deps: RuleOutboxDependencies;
  #running = false;

  constructor(deps: RuleOutboxDependencies) {
    this.#deps = deps;
  }

  add(rule: RuleOfDelivery, happening: LoggedHappening, notSent: number): void {
    this.#deps.sql.exec(
      "INSERT INTO rule_outbox (release_time, not_sent, rule, happening) VALUES (?, ?, ?, ?)",
      happening.release_time,
      notSent,
      JSON.stringify(rule),
      JSON.stringify(happening),
    );
  }

  /** Deletes what waits of rules that are followed no longer. */
  keep(ruleIds: ReadonlySet<string>): void {
    const rows = this.#deps.sql.exec<{ rule_id: string }>("SELECT DISTINCT rule ->> '$.rule_id' AS rule_id FROM rule_outbox").toArray();
    for (const { rule_id: id } of rows)
      if (!ruleIds.has(id)) this.#deps.sql.exec("DELETE FROM rule_outbox WHERE rule ->> '$.rule_id' = ?", id);
  }

  /** Never throws and never runs twice at once. What fails waits for a later run. */
  async run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    try {
      await this.#log();
      for (const delivery of this.#due()) await this.#publish(delivery);
    } catch (error) {
      writeLog("error", { event: "rule_deliveries_failed", error: messageOf(error) });
    } finally {
      this.#running = false;
    }
  }

  async #log(): Promise<void> {
    const sql = `SELECT id, release_time, not_sent, tries, rule, happening FROM rule_outbox WHERE logged = 0 ORDER BY id LIMIT ${AT_ONCE}`;
    const read = () => this.#deps.sql.exec<SqlRow>(sql).toArray();
    for (let rows = read(); rows.length > 0; rows = read()) {
      await this.#deps.log(rows.map((row) => ({ ruleId: ruleOf(row).rule_id, logged: happeningOf(row) })));
      for (const row of rows) {
        const change = happeningOf(row).omitted === true ? "DELETE FROM rule_outbox" : "UPDATE rule_outbox SET logged = 1";
        this.#deps.sql.exec(`${change} WHERE id = ?`, row.id);
      }
    }
  }

  /** Each happening alone, and those that were held back until the same time together. */
  #due(): readonly DueRows[] {
    const rows = this.#deps.sql.exec<SqlRow>(DUE, this.#deps.now()).toArray();
    const groups = Map.groupBy(rows, (row) => {
      const isHeld = row.release_time > happeningOf(row).time;
      return isHeld ? `${ruleOf(row).rule_id} ${row.release_time}` : String(row.id);
    });
    return [...groups.values()].flatMap((own) => {
      const [first] = own;
      if (first === undefined) return [];
      const happenings = own.map(happeningOf);
      const isDigest = happenings.some(({ time, release_time }) => release_time > time);
      return [
        { rows: own, delivery: { of: ruleOf(first), isDigest, happenings, notSent: own.reduce((sum, row) => sum + row.not_sent, 0) } },
      ];
    });
  }

  async #publish({ rows, delivery }: DueRows): Promise<void> {
    const outcome = await this.#deps.publish(delivery);
    if (outcome.kind === "failed") {
      const now = this.#deps.now();
      const [first] = rows;
      if (!outcome.final && now - (first?.release_time ?? 0) < PUBLISH_WITHIN_MS) {
        for (const { id, tries } of rows) {
          const nextTime = now + Math.min(FIRST_WAIT_MS * 2 ** tries, MAX_WAIT_MS);
          this.#deps.sql.exec("UPDATE rule_outbox SET tries = tries + 1, next_time = ? WHERE id = ?", nextTime, id);
        }
        return;
      }
      await this.#deps.addDeadLetter(delivery, outcome.reason);
    }
    for (const { id } of rows) this.#deps.sql.exec("DELETE FROM rule_outbox WHERE id = ?", id);
  }
}

function ruleOf({ rule }: Row): RuleOfDelivery {
  return JSON.parse(rule) as RuleOfDelivery;
}

function happeningOf({ happening }: Row): LoggedHappening {
  return JSON.parse(happening) as LoggedHappening;
}
