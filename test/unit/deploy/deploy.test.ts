import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PERMISSIONS } from "../../../scripts/deploy/cloudflare-api.ts";
import { readOptions } from "../../../scripts/deploy/options.ts";
import { d1Migrations } from "../../../scripts/d1-migrations.ts";
import { TOTALS_MIGRATION } from "../../../scripts/deploy/copy-totals.ts";
import { runDeploy } from "../../../scripts/deploy/run-deploy.ts";
import { messageOf } from "../../../src/message-of.ts";
import { block } from "../growing/page.ts";
import {
  ACCOUNT_ID,
  type CloudflareStandIn,
  OTHER_ACCOUNT_ID,
  addDatabase,
  addWorker,
  startCloudflareStandIn,
} from "./cloudflare-stand-in.ts";
import { type WranglerStandIn, wranglerStandIn } from "./stand-in-wrangler.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const WRANGLER_TOML = readFileSync(join(ROOT, "wrangler.toml"), "utf8");

let api: CloudflareStandIn;
let wrangler: WranglerStandIn;
let folder: string;
beforeEach(async () => {
  api = await startCloudflareStandIn();
  wrangler = wranglerStandIn(api.account);
  folder = mkdtempSync(join(tmpdir(), "liquidations-deploy-test-"));
});
afterEach(() => {
  api.stop();
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** What the person types; nobody is there where it is absent. */
  readonly answers?: readonly string[];
  /** Another configuration than the project's, as text. */
  readonly toml?: string;
}

interface Outcome {
  /** The exit code, or the sentence it ended with. */
  readonly end: number | string;
  readonly output: string;
}

async function deploy({ args = [], environment = {}, answers, toml = WRANGLER_TOML }: Run = {}): Promise<Outcome> {
  const lines: string[] = [];
  const waiting = [...(answers ?? [])];
  const config = join(folder, "wrangler.toml");
  writeFileSync(config, toml.replace('migrations_dir = "migrations"', `migrations_dir = "${join(ROOT, "migrations")}"`));
  const terminal = {
    isInteractive: answers !== undefined,
    print: (line: string) => lines.push(line),
    ask: (question: string) => {
      lines.push(question);
      return Promise.resolve(waiting.shift() ?? "");
    },
  };
  const dependencies = {
    terminal,
    wrangler: wrangler.run,
    environment: { CLOUDFLARE_API_BASE_URL: api.url, ...environment },
    sleep: () => Promise.resolve(),
  };
  const end = await Promise.resolve()
    .then(() => runDeploy(readOptions(["--config", config, "--url", api.workerUrl, ...args], ROOT), dependencies))
    .catch(messageOf);
  expect(readdirSync(folder), "the configuration with the account's ids does not stay").toEqual(["wrangler.toml"]);
  return { end, output: lines.join("\n") };
}

const changes = () => api.calls.filter((call) => !call.startsWith("GET") && !call.endsWith("/query"));

/** A sentence for a person: on one line, without a stack. */
function expectSentence({ end }: Outcome, ...parts: readonly string[]): void {
  expect(end).toEqual(expect.any(String));
  for (const part of parts) expect(end).toContain(part);
  expect(String(end)).toMatch(/^[A-Z]/);
  expect(String(end)).not.toContain("\n");
}

describe("a first deployment", () => {
  test("creates what is missing near the feeds, sets a random ADMIN_TOKEN and shows it once, and ends when the feeds are live", async () => {
    api.account.status = [
      { binance: "connecting", bybit: "connecting", kucoin: "off" },
      { binance: "live", bybit: "live", kucoin: "off" },
    ];
    const { end, output } = await deploy();
    expect(end).toBe(0);
    expect(api.account.databases.get("liquidations")?.location).toBe("apac");
    expect(api.account.buckets.get("liquidations")?.location).toBe("apac");
    const token = api.account.workers.get("liquidations")?.secrets.get("ADMIN_TOKEN") ?? "";
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(output.split(token)).toHaveLength(2);
    expect(output).toMatch(/0 s {2}binance connecting, bybit connecting\n.*binance live, bybit live\n/);
  });

  test("run again changes nothing but the code, and shows no token", async () => {
    await deploy();
    const token = api.account.workers.get("liquidations")?.secrets.get("ADMIN_TOKEN");
    const before = changes().length;
    const { end, output } = await deploy();
    expect(end).toBe(0);
    expect(changes()).toHaveLength(before);
    expect(output).toContain("ADMIN_TOKEN  set already");
    expect(api.account.workers.get("liquidations")?.secrets.get("ADMIN_TOKEN")).toBe(token);
  });

  test("with --check says what it would do and changes nothing", async () => {
    const { end, output } = await deploy({ args: ["--check"] });
    expect([end, changes(), api.account.workers.size]).toEqual([0, [], 0]);
    expect(output).toContain("liquidations, to be created in apac");
    expect(output).toContain("nothing was changed");
  });

  test("puts stores where most feeds are, or where --location says", async () => {
    await deploy({ toml: WRANGLER_TOML.replace("[vars]", '[vars]\nLIQUIDATION_LOCATION_HINTS = "me"') });
    expect(api.account.databases.get("liquidations")?.location).toBe("eeur");
    await deploy({ args: ["--env", "west", "--location", "weur"] });
    expect(api.account.buckets.get("liquidations-west")?.location).toBe("weur");
  });
});

describe("after a failure", () => {
  test.each([
    ["the bucket cannot be created", /POST .*\/r2\/buckets$/],
    ["the database cannot be created", /POST .*\/d1\/database$/],
    ["the account cannot be looked at", /GET .*\/r2\/buckets/],
  ])("where %s, the next run goes on from there", async (_what, failOnce) => {
    api.account.failOnce = failOnce;
    expectSentence(await deploy(), "Cloudflare answered 500", "run it again");
    expect(await deploy()).toMatchObject({ end: 0 });
    expect([api.account.databases.size, api.account.buckets.size]).toEqual([1, 1]);
  });

  test.each(["d1", "deploy"])("where wrangler %s fails, what it says is shown, and the next run goes on from there", async (command) => {
    wrangler.fails = { [command]: "banner\n✘ [ERROR] Something is wrong with line 7.\n\nLogs were written to x" };
    const { end } = await deploy();
    expect(end).toContain("run it again, which goes on from here:\n  ✘ [ERROR] Something is wrong with line 7.");
    expect(end).not.toMatch(/banner|Logs were/);
    wrangler.fails = {};
    expect(await deploy()).toMatchObject({ end: 0 });
  });

  test("where wrangler uploads the Worker and then fails, the ADMIN_TOKEN that is now set has been shown", async () => {
    wrangler.failsAfterUpload = "✘ [ERROR] The schedules could not be set.";
    const { end, output } = await deploy();
    expect(end).toContain("The schedules could not be set.");
    const token = api.account.workers.get("liquidations")?.secrets.get("ADMIN_TOKEN") ?? "";
    expect(token).toMatch(/^[0-9a-f]{64}$/);
    expect(output.split(token)).toHaveLength(2);
    wrangler.failsAfterUpload = null;
    expect((await deploy()).output).toContain("ADMIN_TOKEN  set already");
  });

  test("on the Free plan, the sentence says where to change it and how to remove what was made, and the next run goes on from there without a question", async () => {
    api.account.paid = false;
    const removals = ['"npx wrangler r2 bucket delete liquidations"', '"npx wrangler d1 delete liquidations"'];
    expectSentence(await deploy(), "Workers Free plan", `https://dash.cloudflare.com/${ACCOUNT_ID}/workers/plans`, ...removals);
    // What was there before this run is not called its own.
    const again = await deploy();
    expectSentence(again, "Workers Free plan");
    for (const removal of removals) expect(String(again.end)).not.toContain(removal);
    api.account.paid = true;
    const { end, output } = await deploy();
    expect(end).toBe(0);
    expect(output).toContain("shown only here");
  });
});

describe("the login", () => {
  test("is asked for where there is none", async () => {
    wrangler.login = null;
    expectSentence(await deploy(), 'run "npx wrangler login"', "CLOUDFLARE_API_TOKEN");
  });

  test("of an older wrangler is refused before anything is made, with what it lacks", async () => {
    wrangler.login = { type: "oauth", token: "token" };
    wrangler.scopes = ["account:read", "workers:write", "workers_scripts:write"];
    expectSentence(await deploy(), "lacks d1:write", '"npx wrangler login" again');
    wrangler.scopes = [...wrangler.scopes, "d1:write"];
    expect((await deploy()).output).toContain("a@example.com");
  });

  test("by an API key works too", async () => {
    wrangler.login = { type: "api_key", key: "k", email: "b@example.com" };
    expect(await deploy()).toMatchObject({ end: 0 });
  });

  test.each([
    [/\/d1\//, "D1: Edit"],
    [/\/r2\//, "Workers R2 Storage: Edit"],
    [/\/workers\/scripts/, "Workers Scripts: Edit"],
  ])("that may not call %s names the permission, and nothing is made", async (forbidden, permission) => {
    api.account.forbidden = forbidden;
    expectSentence(await deploy(), `"${permission}"`);
    expect(changes()).toEqual([]);
  });

  test("needs of a token what docs/deploy-and-operate.md lists", () => {
    const page = readFileSync(join(ROOT, "docs/deploy-and-operate.md"), "utf8");
    const listed = [...page.matchAll(/^\| ([\w ]+: (?:Read|Edit)) \|/gm)].map(([, permission]) => permission);
    expect(listed).toEqual(PERMISSIONS);
  });

  test("is of no use where Cloudflare cannot be reached", async () => {
    api.stop();
    expectSentence(await deploy(), "could not be reached", "ECONNREFUSED");
  });
});

describe("the account", () => {
  beforeEach(() => {
    api.account.accounts.push({ id: OTHER_ACCOUNT_ID, name: "Other" });
  });

  test("is listed where there are several and nobody can choose", async () => {
    expectSentence(await deploy(), "2 accounts", `${ACCOUNT_ID} (Example), ${OTHER_ACCOUNT_ID} (Other)`, "CLOUDFLARE_ACCOUNT_ID");
    expect(changes()).toEqual([]);
  });

  test("is chosen by a person, by CLOUDFLARE_ACCOUNT_ID or by the configuration", async () => {
    const asked = await deploy({ answers: ["2"] });
    expect(asked.output).toContain(`2  Other (${OTHER_ACCOUNT_ID})`);
    expect(wrangler.config?.["account_id"]).toBe(OTHER_ACCOUNT_ID);
    await deploy({ environment: { CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID } });
    expect(wrangler.config?.["account_id"]).toBe(ACCOUNT_ID);
    await deploy({ toml: `account_id = "${OTHER_ACCOUNT_ID}"\n${WRANGLER_TOML}` });
    expect(wrangler.config?.["account_id"]).toBe(OTHER_ACCOUNT_ID);
    expectSentence(await deploy({ answers: ["3"] }), '"3" is none of the accounts', "1 to 2");
  });

  test("that is not the login's, or no account's id, is refused", async () => {
    expectSentence(await deploy({ environment: { CLOUDFLARE_ACCOUNT_ID: "a".repeat(32) } }), "has no account", "(Example)");
    expectSentence(await deploy({ environment: { CLOUDFLARE_ACCOUNT_ID: "Example" } }), '"Example"', "32 hexadecimal digits");
  });

  test("that is named need not be listed: a token of one account may not be able to", async () => {
    api.account.forbidden = /^\/accounts$/;
    expect(await deploy({ environment: { CLOUDFLARE_ACCOUNT_ID: ACCOUNT_ID } })).toMatchObject({ end: 0 });
    expectSentence(await deploy(), '"Account Settings: Read"');
  });

  test("that does not exist at all leaves nothing to deploy into", async () => {
    api.account.accounts = [];
    expectSentence(await deploy(), "sees no account");
  });
});

describe("an account that is not ready", () => {
  test("without R2 fails with the page that enables it, before anything is created", async () => {
    api.account.r2 = false;
    expectSentence(await deploy(), "R2 is not enabled", `https://dash.cloudflare.com/${ACCOUNT_ID}/r2/overview`);
    expect(changes()).toEqual([]);
  });

  test("without a workers.dev subdomain fails with the page that registers one, or registers the one that is typed", async () => {
    api.account.subdomain = null;
    expectSentence(await deploy(), "no workers.dev subdomain", `https://dash.cloudflare.com/${ACCOUNT_ID}/workers/onboarding`);
    expectSentence(await deploy({ answers: ["taken"] }), "taken.workers.dev is taken");
    expectSentence(await deploy({ answers: ["Not a name"] }), '"Not a name"', "lowercase letters");
    expect(changes().filter((call) => call.startsWith("POST"))).toEqual([]);
    expect(await deploy({ answers: ["mine"] })).toMatchObject({ end: 0 });
    expect(api.account.subdomain).toBe("mine");
  });
});

describe("a name that is taken", () => {
  test("by another Worker is not replaced without consent", async () => {
    addWorker(api.account, "liquidations", "Chat");
    expectSentence(await deploy(), "already has a Worker liquidations", "--env");
    expect(changes()).toEqual([]);
    expect((await deploy({ answers: ["n"] })).end).toContain("Nothing was changed");
    const { end, output } = await deploy({ answers: ["y"] });
    expect(end).toBe(0);
    expect(output).toContain("liquidations, to be replaced");
  });

  test("by another Worker's Workflow is refused", async () => {
    api.account.workflows.set("liquidation-exports", "shop");
    expectSentence(await deploy({ args: ["--yes"] }), "belongs to the Worker shop", "[[workflows]]");
  });

  test("by a database of something else is not adopted without consent", async () => {
    const { sql } = addDatabase(api.account, "liquidations");
    for (const name of ["orders", "customers", "invoices", "stock"]) sql.exec(`CREATE TABLE ${name} (id INTEGER)`);
    expectSentence(await deploy(), "holds tables of something else (customers, invoices, orders, …)", "--yes");
    expect(changes()).toEqual([]);
    expect(await deploy({ args: ["--yes"] })).toMatchObject({ end: 0 });
  });

  test("by another project's migrations is not ours either", async () => {
    const { sql } = addDatabase(api.account, "liquidations");
    sql.exec(
      "CREATE TABLE d1_migrations (id INTEGER, name TEXT); INSERT INTO d1_migrations VALUES (1, '0001_shop.sql'); CREATE TABLE orders (id)",
    );
    expectSentence(await deploy(), "something else (orders)");
  });

  test("by a bucket of something else is not adopted without consent", async () => {
    api.account.buckets.set("liquidations", { keys: ["holiday.jpg", "daily/report.pdf"], location: null });
    expectSentence(await deploy(), "holds something else (holiday.jpg, daily/report.pdf)", "--yes");
    expect(await deploy({ answers: ["yes"] })).toMatchObject({ end: 0 });
  });

  test("by stores with liquidations that no Worker uses is not adopted without consent, but an instance finds its own again", async () => {
    await deploy();
    storeSomething("liquidations");
    expect(await deploy()).toMatchObject({ end: 0 });
    api.account.workers.delete("liquidations");
    const second = WRANGLER_TOML.replace('name = "liquidations"', 'name = "second"').replaceAll('"liquidation-', '"second-');
    expectSentence(await deploy({ toml: second }), "R2 bucket liquidations holds liquidations already", "no Worker second");
    api.account.buckets.get("liquidations")?.keys.pop();
    expectSentence(await deploy({ toml: second }), "D1 database liquidations holds liquidations already", "no Worker second");
    expect(await deploy({ toml: second, args: ["--yes"] })).toMatchObject({ end: 0 });
  });
});

/** What a feed stores first. */
function storeSomething(name: string): void {
  api.account.databases.get(name)?.sql.exec("INSERT INTO gaps VALUES ('okx', 1, NULL, 'started')");
  api.account.buckets.get(name)?.keys.push("liquidations/v1/date=2026-11-22/exchange=okx/1-1.parquet");
}

/** A second instance with a store of the first. */
const sharing = (what: "D1" | "R2") =>
  `${WRANGLER_TOML}\n${
    what === "D1"
      ? `[[env.staging.d1_databases]]\nbinding = "DB"\ndatabase_name = "liquidations"\nmigrations_dir = "${join(ROOT, "migrations")}"\n`
      : '[[env.staging.r2_buckets]]\nbinding = "BUCKET"\nbucket_name = "liquidations"\n'
  }`;

describe("a second instance that names stores of the first", () => {
  const staging = ["--env", "staging"];
  test.each(["D1", "R2"] as const)(
    "in %s asks before its first deployment, before every later one, and once it agreed no more",
    async (what) => {
      const name = what === "D1" ? "D1 database liquidations" : "R2 bucket liquidations";
      await deploy();
      // Even while the first has stored nothing yet.
      expectSentence(await deploy({ toml: sharing(what), args: staging }), `The ${name} is used by the Worker liquidations`, "--yes");
      expect(await deploy({ args: staging })).toMatchObject({ end: 0 });
      storeSomething("liquidations");
      const before = changes();
      expectSentence(await deploy({ toml: sharing(what), args: staging }), `The ${name} is used by the Worker liquidations`);
      expect((await deploy({ toml: sharing(what), args: staging, answers: ["n"] })).end).toContain("Nothing was changed");
      expect(changes()).toEqual(before);
      expect(await deploy({ toml: sharing(what), args: staging, answers: ["y"] })).toMatchObject({ end: 0 });
      expect(await deploy({ toml: sharing(what), args: staging })).toMatchObject({ end: 0 });
      const third = { toml: sharing(what).replaceAll("staging", "third"), args: ["--env", "third"] };
      expectSentence(await deploy(third), "used by the Workers liquidations, liquidations-staging");
    },
  );

  test.each(["D1", "R2"] as const)("in %s asks as well where the first is gone", async (what) => {
    await deploy();
    storeSomething("liquidations");
    await deploy({ args: staging });
    api.account.workers.delete("liquidations");
    const kind = what === "D1" ? "database" : "bucket";
    expectSentence(
      await deploy({ toml: sharing(what), args: staging }),
      "holds liquidations already",
      `the Worker liquidations-staging uses another ${kind}`,
    );
  });

  test("asks nothing of stores that are empty and nobody's", async () => {
    addDatabase(api.account, "liquidations-staging");
    api.account.buckets.set("liquidations-staging", { keys: [], location: null });
    await deploy();
    expect(await deploy({ args: staging })).toMatchObject({ end: 0 });
  });
});

/** The project's configuration with a database's id. */
const withId = (id: string) => WRANGLER_TOML.replace(/^database_name = .*$/m, (line) => `${line}\ndatabase_id = "${id}"`);

describe("a database_id in the configuration", () => {
  test("is used where the account has it, whatever the database is called", async () => {
    const { uuid } = addDatabase(api.account, "renamed");
    expect(await deploy({ toml: withId(uuid) })).toMatchObject({ end: 0 });
    expect(api.account.databases.size).toBe(1);
    expect(wrangler.config).toMatchObject({ d1_databases: [{ binding: "DB", database_id: uuid }] });
  });

  test("of another account is replaced with consent only", async () => {
    const toml = withId("99999999-9999-4999-8999-999999999999");
    expectSentence(await deploy({ toml }), "no D1 database with the database_id 99999999", "Remove that line");
    expect(await deploy({ toml, args: ["--yes"] })).toMatchObject({ end: 0 });
    expect(wrangler.config).toMatchObject({ d1_databases: [{ database_id: api.account.databases.get("liquidations")?.uuid }] });
  });

  test("leads to newer tables where an older version is deployed, which is said", async () => {
    await deploy();
    api.account.databases.get("liquidations")?.sql.exec("INSERT INTO d1_migrations (name) VALUES ('9999_later.sql')");
    expect((await deploy()).output).toContain("(9999_later.sql)");
  });

  test("has its totals copied in pieces before the migration that would copy all of them at once", async () => {
    await deploy();
    const sql = api.account.databases.get("liquidations")?.sql ?? new DatabaseSync(":memory:");
    for (const migration of d1Migrations().slice(1)) {
      if (migration.name === TOTALS_MIGRATION) break;
      sql.exec(migration.sql);
      sql.prepare("INSERT INTO d1_migrations (name) VALUES (?)").run(migration.name);
    }
    sql.exec(`INSERT INTO hour_totals VALUES (3600000, 'BTC', 'okx', 'long', 1, 0, 0, 5.5, 5.5, 1, 5.5);
      UPDATE hot_events SET from_time = 90000000`);
    const { end, output } = await deploy();
    expect(end).toBe(0);
    expect(output).toContain("Copied the stored totals for the migrations, in 1 piece.");
    expect(sql.prepare("SELECT count(*) AS count FROM symbol_hours").get()).toEqual({ count: 1 });
  });
});

describe("--env", () => {
  test("makes an instance with names, limits and variables of its own beside the first", async () => {
    const toml = `${WRANGLER_TOML}\n[env.staging.vars]\nLIQUIDATION_SYMBOLS = "DOGE"\n`;
    await deploy({ toml });
    expect(wrangler.config).not.toHaveProperty("env");
    const first = wrangler.config?.["ratelimits"];
    expect(await deploy({ toml, args: ["--env", "staging"] })).toMatchObject({ end: 0 });
    expect(wrangler.config).toMatchObject({
      name: "liquidations-staging",
      workflows: [{ name: "liquidation-exports-staging" }, { name: "liquidation-jobs-staging" }],
      d1_databases: [{ database_name: "liquidations-staging", database_id: api.account.databases.get("liquidations-staging")?.uuid }],
      r2_buckets: [{ bucket_name: "liquidations-staging" }],
      vars: { LIQUIDATION_SYMBOLS: "DOGE" },
    });
    const ids = [first, wrangler.config?.["ratelimits"]].flatMap((list) =>
      (list as { namespace_id: string }[]).map((one) => one.namespace_id),
    );
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[1-9]\d{0,9}$/);
    expect([...api.account.workers.keys()]).toEqual(["liquidations", "liquidations-staging"]);
  });

  test("makes the shard of docs/growing.md with the command of that page", async () => {
    const args = block("shard-deploy").trim().replace("npm run deploy -- ", "").split(" ");
    expect(await deploy({ toml: `${WRANGLER_TOML}\n${block("shard")}`, args })).toMatchObject({ end: 0 });
    expect(wrangler.config).toMatchObject({ name: "liquidations-alts", vars: { LIQUIDATION_SYMBOLS: "DOGE,XRP,BNB" } });
    expect(api.account.buckets.has("liquidations-alts")).toBe(true);
  });

  test("takes what [env.NAME] says over names of its own making, and no domain of the first", async () => {
    const toml = `routes = [{ pattern = "liquidations.example.com", custom_domain = true }]\n${WRANGLER_TOML}
[env.eu]\nname = "europe"\n[[env.eu.r2_buckets]]\nbinding = "BUCKET"\nbucket_name = "europe-files"\n`;
    await deploy({ toml, args: ["--env", "eu"] });
    expect(wrangler.config).toMatchObject({ name: "europe", routes: [], r2_buckets: [{ bucket_name: "europe-files" }] });
    expect(api.account.databases.has("liquidations-eu")).toBe(true);
  });
});

describe("ADMIN_TOKEN", () => {
  test("of the environment is set and not shown", async () => {
    const token = "t".repeat(32);
    const { output } = await deploy({ environment: { ADMIN_TOKEN: token, CI: "true" } });
    expect(api.account.workers.get("liquidations")?.secrets.get("ADMIN_TOKEN")).toBe(token);
    expect(output).not.toContain(token);
  });

  test("is replaced beside the former one, which is named until it is removed", async () => {
    const [former, token] = ["f".repeat(32), "t".repeat(32)];
    await deploy({ environment: { ADMIN_TOKEN: former } });
    const { end, output } = await deploy({ environment: { ADMIN_TOKEN: token, ADMIN_TOKEN_PREVIOUS: former } });
    expect(end).toBe(0);
    const secrets = () => Object.fromEntries(api.account.workers.get("liquidations")?.secrets ?? []);
    expect(secrets()).toMatchObject({ ADMIN_TOKEN: token, ADMIN_TOKEN_PREVIOUS: former });
    const remark = "npx wrangler secret delete ADMIN_TOKEN_PREVIOUS --name liquidations";
    expect(output).toContain(remark);
    expect(output).not.toMatch(new RegExp(`${former}|${token}`));
    expect((await deploy()).output).toContain(remark);
    api.account.workers.get("liquidations")?.secrets.delete("ADMIN_TOKEN_PREVIOUS");
    expect((await deploy()).output).not.toContain("ADMIN_TOKEN_PREVIOUS");
  });

  test("of before is refused without the new one, or where both are the same", async () => {
    const former = "f".repeat(32);
    expectSentence(await deploy({ environment: { ADMIN_TOKEN_PREVIOUS: former } }), "ADMIN_TOKEN_PREVIOUS", "without ADMIN_TOKEN");
    expectSentence(await deploy({ environment: { ADMIN_TOKEN: former, ADMIN_TOKEN_PREVIOUS: former } }), "the same");
    expectSentence(
      await deploy({ environment: { ADMIN_TOKEN: former, ADMIN_TOKEN_PREVIOUS: "short" } }),
      "ADMIN_TOKEN_PREVIOUS has 5 characters",
    );
    expect(changes()).toEqual([]);
  });

  test("that is short is refused before anything is made", async () => {
    expectSentence(await deploy({ environment: { ADMIN_TOKEN: "t".repeat(31) } }), "31 characters", "at least 32");
    expect(api.calls).toEqual([]);
  });

  test("is not made up in CI, whose log many can read", async () => {
    const { end, output } = await deploy({ environment: { CI: "true" } });
    expect(end).toBe(0);
    expect(output).toContain("a secret variable of the CI");
    expect(api.account.workers.get("liquidations")?.secrets.size).toBe(0);
  });
});

describe("waiting for the feeds", () => {
  test("ends with 1 where a feed stays blocked, and shows why", async () => {
    api.account.status = [{ binance: "blocked", bybit: "live" }];
    const { end, output } = await deploy({ args: ["--wait", "20"] });
    expect(end).toBe(1);
    expect(output).toMatch(/binance │ blocked │ +0 │ HTTP 451/);
    expect(output).toContain("Where the feeds run");
  });

  test("goes on while nothing answers, or the version before does", async () => {
    api.account.staleVersions = ["before", "before"];
    const { end, output } = await deploy();
    expect(end).toBe(0);
    expect(output).toMatch(/0 s {2}the version before still answers\n +10 s {2}binance live/);
    const unreached = await deploy({ args: ["--wait", "5", "--url", "http://localhost:1"] });
    expect(unreached.end).toBe(1);
    expect(unreached.output).toContain("does not respond yet");
  });

  test("is left out on request", async () => {
    const { end, output } = await deploy({ args: ["--wait", "0"] });
    expect(end).toBe(0);
    expect(output).not.toContain("live");
  });

  test("is left out where nobody may read the status", async () => {
    const toml = WRANGLER_TOML.replace("[vars]", '[vars]\nPUBLIC_READ = "false"');
    const { end, output } = await deploy({ toml, environment: { CI: "true" } });
    expect(end).toBe(0);
    expect(output).toContain("the status needs a key");
    expect((await deploy({ toml })).output).toContain("All feeds are live");
  });
});

describe("what cannot be deployed", () => {
  test.each([
    [["--env", "Staging!"], "--env", "lowercase"],
    [["--location", "mars"], "--location", "weur"],
    [["--wait", "soon"], "--wait", "3600"],
    [["--url", "example.com"], "--url", "https://"],
    [["--frobnicate"], "--frobnicate", ""],
    [["--config", "absent.toml"], "There is no configuration", "--config"],
  ])("%j is refused", async (args, ...parts) => {
    const { end } = await deploy({ args });
    for (const part of parts) expect(end).toContain(part);
    expect(api.calls).toEqual([]);
  });

  test("a configuration that is broken, lacks a binding or has a bad variable is refused with its fault", async () => {
    expect((await deploy({ toml: 'name = "a' })).end).toContain("cannot be read");
    expectSentence(
      await deploy({ toml: WRANGLER_TOML.replace('binding = "DB"', 'binding = "OTHER"') }),
      "no D1 database with the binding DB",
    );
    expectSentence(
      await deploy({ toml: WRANGLER_TOML.replace('binding = "BUCKET"', 'binding = "OTHER"') }),
      "no R2 bucket with the binding BUCKET",
    );
    expectSentence(await deploy({ toml: WRANGLER_TOML.replace(/^database_name.*$/m, "") }), "d1_databases.0.database_name");
    expectSentence(await deploy({ toml: WRANGLER_TOML.replace('"BTC,ETH,SOL"', '"*,BTC"') }), "LIQUIDATION_SYMBOLS", "allowed");
    expect(api.calls).toEqual([]);
  });
});
