import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStorage } from "../../../scripts/local-worker.ts";
import { installModel } from "../../../scripts/train/install-model.ts";
import { RULE_MODEL_KEY, readRuleModel } from "../../../src/signals/rule-model-file.ts";
import { trainedModel } from "./trained-model.ts";

const ROOT = new URL("../../../", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "train-test-"));
const market = join(folder, "market");

function run(script: string, ...args: readonly string[]) {
  return spawnSync(process.execPath, [join(ROOT, "scripts", script), ...args], { encoding: "utf8" });
}

beforeAll(() => {
  expect(run("simulate-market.ts", "--days", "3", "--seed", "1", "--effect", "reversal", "--out", market).stderr).toBe("");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("npm run train", () => {
  test("trains on a folder, says why the model does not ship, writes it all the same and installs nothing", async () => {
    const out = join(folder, "model.json");
    const range = ["--from", "2026-10-06", "--to", "2026-10-07T12:00Z"];
    const trained = run("train.ts", "--data", market, "--symbols", "BTC", ...range, "--out", out, "--install");
    expect(trained.stderr).toBe("");
    expect(trained.stdout).toMatch(/Decisions: [1-9]\d*, of which [1-9]\d* have a side to fade and a grade at 1 h/);
    expect(trained.stdout).toMatch(
      /Does not ship, so that rules-v1 decides: there are \d+ episodes of 4 hours with a graded spike; needed: 100\./,
    );
    expect(trained.stdout).toContain("Nothing was installed.");
    expect(trained.status).toBe(1);
    expect(await readRuleModel(readFileSync(out, "utf8"))).toMatch(/^it failed its test: there are/);
  });

  test("trains the forecast of cascades on the same folder, says why it is withheld, and installs nothing", async () => {
    const out = join(folder, "forecast.json");
    const range = ["--from", "2026-10-05", "--to", "2026-10-08"];
    const trained = run("train.ts", "cascades", "--data", market, "--symbols", "BTC", ...range, "--out", out, "--install");
    expect(trained.stderr).toBe("");
    expect(trained.stdout).toMatch(/Liquidations, one in 10 s of a side: [1-9]\d*; cascades: [1-9]\d*/);
    expect(trained.stdout).toMatch(/Does not ship, so that no probability is shown: (?:there are|it was tested on) \d+ cascades/);
    expect(trained.stdout).toContain("Nothing was installed.");
    expect(trained.status).toBe(1);
    const refused = run("train.ts", "cascades", "--data", market, "--window", "5");
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain("--window");
  });

  test("names an option that it does not know, data that is not there, and a range that is none", () => {
    const unknown = run("train.ts", "--magic");
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain("--magic");
    expect(unknown.stderr).toContain("allowed: --from, --to, --data");
    const missing = run("train.ts", "--data", join(folder, "nowhere"));
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/^--data is ".*nowhere"; allowed: /);
    const never = run("train.ts", "--data", market, "--to", "never");
    expect(never.status).toBe(2);
    expect(never.stderr).toMatch(/^--to is "never"; allowed: /);
  });

  test("puts a model that ships where the Worker looks for it", async () => {
    const state = join(folder, "state");
    const model = JSON.stringify(await trainedModel());
    await installModel(RULE_MODEL_KEY, model, state);
    const storage = await openStorage(state);
    try {
      expect(await (await storage.env.BUCKET.get(RULE_MODEL_KEY))?.text()).toBe(model);
    } finally {
      await storage.dispose();
    }
  });
});
