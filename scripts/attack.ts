import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AttackOptions, readAttackOptions, USAGE } from "./attack/options.ts";
import { runCommand } from "./command-line.ts";

function print(line: string): void {
  console.log(line);
}

async function attack({ url, key, verbose }: AttackOptions): Promise<number> {
  const { runAttack } = await import("./attack/run-attack.ts");
  if (url !== null) return runAttack({ url, adminToken: key, isLocal: /^http:\/\/(?:127\.0\.0\.1|localhost)/u.test(url) }, verbose, print);
  const stateDir = await mkdtemp(join(tmpdir(), "liquidations-attack-"));
  const [{ startLocalWorker }, { environment, startVenues }] = await Promise.all([
    import("./local-worker.ts"),
    import("./simulator/start-venues.ts"),
  ]);
  const venues = await startVenues({ rate: 5 });
  const adminToken = randomBytes(24).toString("base64url");
  const worker = await startLocalWorker({ stateDir, variables: { ...environment(venues), ADMIN_TOKEN: adminToken } });
  try {
    await worker.tick(new Date());
    return await runAttack({ url: worker.url, adminToken, isLocal: true }, verbose, print);
  } finally {
    await worker.stop();
    await venues.stop();
    await rm(stateDir, { recursive: true, force: true });
  }
}

await runCommand({ usage: USAGE, readOptions: () => readAttackOptions(process.argv.slice(2)), run: attack });
