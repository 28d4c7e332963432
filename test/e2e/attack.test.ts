import { rm } from "node:fs/promises";
import { expect, test } from "vitest";
import { runAttack } from "../../scripts/attack/run-attack.ts";
import { environment, startVenues } from "../../scripts/simulator/start-venues.ts";
import { newState, startBuiltWorker } from "./built-worker.ts";

const ADMIN_TOKEN = "attack-admin-token-of-all-these-tests";

/** `npm run attack` sends every hostile value to every parameter; here each meets a quarter of them. */
test("no abuse of the API gets a 5xx, a leak, an invalid problem or what it must not have", { timeout: 400_000 }, async () => {
  const stateDir = await newState();
  const venues = await startVenues({ rate: 5 });
  const worker = await startBuiltWorker(stateDir, { ...environment(venues), ADMIN_TOKEN });
  try {
    await worker.tick(new Date());
    const lines: string[] = [];
    const target = { url: worker.url, adminToken: ADMIN_TOKEN, isLocal: true, oneIn: 4 };
    const code = await runAttack(target, false, (line) => lines.push(line));
    expect(code, lines.join("\n")).toBe(0);
  } finally {
    await worker.stop();
    await venues.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
});
