import type { LocalWorker } from "./local-worker.ts";
import { messageOf } from "../src/message-of.ts";

const MINUTE_MS = 60_000;

/** Ticks the cron at once, so that the feeds start, and then at every full minute. @returns what ends it */
export function startCron(worker: LocalWorker, ticked: () => Promise<void>): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let over = false;
  const run = async (scheduledTime: number): Promise<void> => {
    try {
      await worker.tick(new Date(scheduledTime));
      await ticked();
    } catch (error) {
      if (!over) console.error(`cron: ${messageOf(error)}`);
    }
    if (!over) schedule();
  };
  const schedule = (): void => {
    const next = Math.floor(Date.now() / MINUTE_MS + 1) * MINUTE_MS;
    timer = setTimeout(() => void run(next), next - Date.now());
  };
  void run(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
  return () => {
    over = true;
    if (timer !== null) clearTimeout(timer);
  };
}
