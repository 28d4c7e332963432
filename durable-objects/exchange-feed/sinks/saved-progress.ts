import type { ExchangeName } from "../../../src/liquidation.ts";
import { writeLog } from "../../../src/log.ts";
import { messageOf } from "../../../src/message-of.ts";
import type { VenueSql } from "../venue-storage.ts";

interface Dependencies {
  readonly sql: VenueSql;
  readonly exchange: ExchangeName;
}

/** How far what the object holds was written to one store; it survives a restart of the object. */
export class SavedProgress<Progress extends object> {
  readonly #deps: Dependencies;
  readonly #name: string;
  #current: Progress;

  /** @param start the progress to begin with, from what was saved before; null where nothing was */
  constructor(deps: Dependencies, name: string, start: (saved: Partial<Progress> | null) => Progress) {
    this.#deps = deps;
    this.#name = name;
    const row = deps.sql.exec<{ progress: string }>("SELECT progress FROM {sinks} WHERE sink = ?", name).toArray()[0];
    this.#current = start(row === undefined ? null : (JSON.parse(row.progress) as Partial<Progress>));
  }

  get current(): Progress {
    return this.#current;
  }

  /** Changes what a restart may forget, without a row written: rows written are billed, and most rounds change no more. */
  hold(change: Partial<Progress>): void {
    this.#current = { ...this.#current, ...change };
  }

  /** Never throws. Progress that the storage refuses is still true: after a restart the same is sent again. */
  save(change: Partial<Progress>): void {
    this.hold(change);
    this.attempt(() =>
      this.#deps.sql.exec(
        "INSERT INTO {sinks} (sink, progress) VALUES (?, ?) ON CONFLICT (sink) DO UPDATE SET progress = excluded.progress",
        this.#name,
        JSON.stringify(this.#current),
      ),
    );
  }

  /** Writes what belongs to the progress; a storage that refuses it is logged. */
  attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      writeLog("warn", { event: "progress_not_saved", exchange: this.#deps.exchange, sink: this.#name, error: messageOf(error) });
    }
  }
}
