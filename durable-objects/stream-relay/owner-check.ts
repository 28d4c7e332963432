import { writeLog } from "../../src/log.ts";
import { messageOf } from "../../src/message-of.ts";

/** Finds owners who may have streams no longer. */
export class OwnerCheck {
  readonly #ask: (owners: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  #isRunning = false;

  /** @param ask returns those of these owners, with the reason. It may throw. */
  constructor(ask: (owners: readonly string[]) => Promise<ReadonlyMap<string, string>>) {
    this.#ask = ask;
  }

  /** Those of these owners, with the reason. Never rejects: while they cannot be checked, there are none. */
  async refused(owners: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (owners.length === 0 || this.#isRunning) return new Map();
    this.#isRunning = true;
    try {
      return await this.#ask(owners);
    } catch (error) {
      writeLog("error", { event: "stream_owners_not_checked", error: messageOf(error) });
      return new Map();
    } finally {
      this.#isRunning = false;
    }
  }
}
