import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DAY_MS, HOUR_MS } from "../../src/windows/calendar.ts";

/** Whole hours, as the log remembers the first frame of each. */
const AGED_MS = DAY_MS + HOUR_MS;

/** Makes all frames of the hub's log older than the log keeps any, as if the Worker, which must not run, had been off for that long. */
export async function ageStreamLog(stateDir: string): Promise<void> {
  const log = new DatabaseSync(await fileOfHub(stateDir));
  log.exec(`UPDATE stream_frames SET time = time - ${AGED_MS}; UPDATE stream_hours SET hour = hour - ${AGED_MS};`);
  log.close();
}

/** Whether the log still has frames that are that old; it deletes them within seconds of its start. */
export async function isLogOld(stateDir: string): Promise<boolean> {
  const log = new DatabaseSync(await fileOfHub(stateDir), { readOnly: true });
  const oldest = log.prepare("SELECT min(time) AS time FROM stream_frames").get()?.["time"];
  log.close();
  return typeof oldest === "number" && oldest < Date.now() - DAY_MS;
}

async function fileOfHub(stateDir: string): Promise<string> {
  const objects = join(stateDir, "v3/do");
  for (const folder of (await readdir(objects)).filter((name) => name.endsWith("MarketHub"))) {
    const file = (await readdir(join(objects, folder))).find((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
    if (file !== undefined) return join(objects, folder, file);
  }
  throw new Error("the state has no hub");
}
