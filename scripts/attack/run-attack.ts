import { messageOf } from "../../src/message-of.ts";
import { askApi } from "../demo/api-client.ts";
import { table } from "../table.ts";
import type { Answer, Attack, Failure } from "./attack.ts";
import { type AttackedOperation, readDocument } from "./document.ts";
import { corsAttacks, headerAttacks } from "./header-attacks.ts";
import {
  bodyAttacks,
  contentTypeAttacks,
  cursorAttacks,
  encodingAttacks,
  type Key,
  parameterAttacks,
  slowAttacks,
} from "./input-attacks.ts";
import { type Bounds, judge } from "./judge.ts";
import { bearer, credentialAttacks, type Keys, queryKeyAttacks, scopeAttacks } from "./key-attacks.ts";
import { methodAttacks, pathAttacks, traversalAttacks } from "./path-attacks.ts";
import { type Race, races } from "./race-attacks.ts";
import { send } from "./send.ts";
import { ssrfAttacks } from "./ssrf-attacks.ts";

/** Requests that are under way at a time, as many as a browser makes. */
const AT_ONCE = 6;
const EXAMPLES = 8;

export interface AttackTarget {
  readonly url: string;
  /** Null: only what callers without a key can do. */
  readonly adminToken: string | null;
  /** True where a caller may name its own address, so that limits by address are not met. */
  readonly isLocal: boolean;
  /**
   * One in so many hostile values of each parameter is sent, other ones to the next parameter; 1 or absent: all. It should
   * divide neither number of them, 21 and 5, so that each value meets some parameter.
   */
  readonly oneIn?: number;
}

/** Attacks a Worker with everything. @returns the exit code */
export async function runAttack(target: AttackTarget, verbose: boolean, print: (line: string) => void): Promise<number> {
  const { operations, codes } = await readDocument(target.url);
  const keys = target.adminToken === null ? null : await makeKeys(target.url, target.adminToken);
  const run = new AttackRun(target, { codes, secrets: keys === null ? [] : [keys.admin] }, verbose ? print : () => undefined);
  await run.all(attacksOn(operations, keys, target.oneIn));
  for (const race of keys === null ? [] : races(keys)) await run.race(race);
  const { failures } = run;
  print(run.table());
  for (const { attack, what, answer } of failures.slice(0, EXAMPLES)) {
    print(
      `${attack.category}: ${attack.name}: ${what}\n  ${attack.method ?? "GET"} ${attack.path.slice(0, 200)}\n  ${answer?.text.slice(0, 300) ?? ""}`,
    );
  }
  print(failures.length === 0 ? "No attack succeeded." : `${failures.length} attacks succeeded.`);
  return failures.length === 0 ? 0 : 1;
}

function attacksOn(operations: readonly AttackedOperation[], keys: Keys | null, oneIn = 1): readonly Attack[] {
  const open = operations.filter(({ needsKey }) => !needsKey);
  const reachable = keys === null ? open : operations;
  // What destroys is attacked by path and key alone.
  const harmless = reachable.filter(
    ({ method, id }) => method === "GET" || ["estimateExport", "createExport", "createKey", "createWebhook"].includes(id),
  );
  const key: Key = ({ needsKey }) => (needsKey && keys !== null ? bearer(keys.admin) : {});
  const onParameters = [...parameterAttacks(harmless, key), ...slowAttacks(harmless, key)];
  return [
    ...onParameters.filter((_, place) => place % oneIn === 0),
    ...encodingAttacks(harmless, key),
    ...cursorAttacks(harmless, key),
    ...bodyAttacks(harmless, key),
    ...contentTypeAttacks(harmless, key),
    ...traversalAttacks(reachable, key),
    ...pathAttacks(),
    ...methodAttacks(open),
    ...headerAttacks(),
    ...corsAttacks(),
    ...(keys === null ? [] : [...credentialAttacks(operations, keys), ...queryKeyAttacks(keys), ...scopeAttacks(operations, keys)]),
    ...(keys === null ? [] : ssrfAttacks(bearer(keys.admin))),
  ];
}

class AttackRun {
  readonly failures: Failure[] = [];
  readonly #target: AttackTarget;
  readonly #bounds: Bounds;
  readonly #verbose: (line: string) => void;
  readonly #rows = new Map<string, { count: number; failed: number; slowestMs: number; statuses: Map<number, number> }>();
  #sent = 0;

  constructor(target: AttackTarget, bounds: Bounds, verbose: (line: string) => void) {
    this.#target = target;
    this.#bounds = bounds;
    this.#verbose = verbose;
  }

  async all(attacks: readonly Attack[]): Promise<void> {
    const left = attacks.values();
    const work = async () => {
      for (const attack of left) await this.#one(attack);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  async race({ attacks, judgeAll, name }: Race): Promise<void> {
    const answers = await Promise.all(attacks.map((attack) => this.#one(attack)));
    const [first] = attacks;
    const what = judgeAll(answers.filter((answer) => answer !== null));
    if (what !== null && first !== undefined) this.#fail({ attack: { ...first, name }, answer: null, what });
  }

  table(): string {
    const rows = [...this.#rows].map(([category, { count, failed, slowestMs, statuses }]) => [
      category,
      String(count),
      [...statuses]
        .toSorted(([a], [b]) => a - b)
        .map(([status, times]) => `${times} × ${status}`)
        .join(", "),
      slowestMs.toFixed(0),
      String(failed),
    ]);
    const total = rows.reduce((sum, row) => sum + Number(row[1]), 0);
    return table(
      ["attack", "requests", "statuses", "slowest ms", "succeeded"],
      [...rows, ["all", String(total), "", "", String(this.failures.length)]],
    );
  }

  async #one(attack: Attack): Promise<Answer | null> {
    const row = this.#rowOf(attack);
    row.count += 1;
    try {
      const answer = await send(this.#target.url, attack, this.#target.isLocal ? this.#nextAddress() : null);
      row.slowestMs = Math.max(row.slowestMs, answer.tookMs);
      row.statuses.set(answer.status, (row.statuses.get(answer.status) ?? 0) + 1);
      this.#verbose(`${answer.status}  ${attack.category}: ${attack.name}`);
      const what = judge(attack, answer, this.#bounds);
      if (what !== null) this.#fail({ attack, answer, what });
      return answer;
    } catch (error) {
      this.#fail({ attack, answer: null, what: `no answer: ${messageOf(error)}` });
      return null;
    }
  }

  #fail(failure: Failure): void {
    this.failures.push(failure);
    this.#rowOf(failure.attack).failed += 1;
  }

  #rowOf({ category }: Attack) {
    const row = this.#rows.get(category) ?? { count: 0, failed: 0, slowestMs: 0, statuses: new Map<number, number>() };
    this.#rows.set(category, row);
    return row;
  }

  /** Another caller each time: limits by address have tests of their own. */
  #nextAddress(): string {
    this.#sent += 1;
    return `100.${64 + ((this.#sent >> 16) & 63)}.${(this.#sent >> 8) & 255}.${this.#sent & 255}`;
  }
}

async function makeKeys(url: string, admin: string): Promise<Keys> {
  const make = async (scopes: readonly string[]): Promise<{ readonly key: string; readonly key_id: string }> =>
    askApi(url, "/v1/keys", admin, { method: "POST", body: JSON.stringify({ name: "attack", scopes }) });
  const [read, exporter, otherExporter, revoked] = [
    await make(["read"]),
    await make(["export"]),
    await make(["export"]),
    await make(["read"]),
  ];
  await askApi(url, `/v1/keys/${revoked.key_id}`, admin, { method: "DELETE" });
  const body = JSON.stringify({ start: "2026-11-20T00:00:00Z", end: "2026-11-20T01:00:00Z", format: "csv" });
  const [hooks, otherHooks] = [await make(["webhooks"]), await make(["webhooks"])];
  const hook = JSON.stringify({ url: "https://example.com/attack", events: [] });
  const { id: endpointId } = await askApi<{ readonly id: string }>(url, "/v1/webhooks", hooks.key, { method: "POST", body: hook });
  const made = await askApi<{ readonly export_id: string }>(url, "/v1/exports", exporter.key, { method: "POST", body });
  return {
    admin,
    read: read.key,
    exporter: exporter.key,
    otherExporter: otherExporter.key,
    revoked: revoked.key,
    hooks: hooks.key,
    otherHooks: otherHooks.key,
    endpointId,
    exportId: made.export_id,
  };
}
