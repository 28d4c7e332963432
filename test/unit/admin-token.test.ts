import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keptAdminToken, newAdminToken } from "../../scripts/admin-token.ts";
import { parseConfig } from "../../src/config.ts";

test("a made token is accepted by the Worker, and never the same again", () => {
  const token = newAdminToken();
  expect(parseConfig({ ADMIN_TOKEN: token }).ADMIN_TOKEN).toBe(token);
  expect(newAdminToken()).not.toBe(token);
});

test("a state folder keeps its token, for its owner only", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-token-"));
  onTestFinished(() => rm(stateDir, { recursive: true, force: true }));
  const [first, second] = [await keptAdminToken(stateDir), await keptAdminToken(stateDir)];
  expect(second).toEqual(first);
  expect(parseConfig({ ADMIN_TOKEN: first.token }).ADMIN_TOKEN).toBe(first.token);
  expect((await stat(first.file)).mode & 0o777).toBe(0o600);
});
