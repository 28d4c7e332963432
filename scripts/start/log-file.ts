import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

export interface LogFileOptions {
  /** Size at which a file is full. */
  readonly maxBytes: number;
  /** Number of files, with the one that is written. */
  readonly maxFiles: number;
  readonly now: () => number;
}

export const LOG_FILES: LogFileOptions = { maxBytes: 10_000_000, maxFiles: 5, now: Date.now };

/**
 * The log of a Worker as JSON lines with their time, in files of bounded size and number: `liquidations.log` is written,
 * `liquidations.1.log` is the one before it, and so on.
 */
export class LogFile {
  readonly #folder: string;
  readonly #options: LogFileOptions;
  #bytes: number;
  #isFailing = false;

  /** @param folder made where it is missing */
  constructor(folder: string, options: LogFileOptions = LOG_FILES) {
    mkdirSync(folder, { recursive: true });
    this.#folder = folder;
    this.#options = options;
    this.#bytes = statSync(this.path, { throwIfNoEntry: false })?.size ?? 0;
  }

  get path(): string {
    return this.#pathOf(0);
  }

  /**
   * Adds a line of the log.
   * @returns the error where it could not be written, once until a line can be written again; else null
   */
  write(line: string): string | null {
    try {
      const stamped = Buffer.from(`${stamp(line, this.#options.now())}\n`);
      if (this.#bytes > 0 && this.#bytes + stamped.length > this.#options.maxBytes) this.#rotate();
      appendFileSync(this.path, stamped);
      this.#bytes += stamped.length;
      this.#isFailing = false;
      return null;
    } catch (error) {
      const isNews = !this.#isFailing;
      this.#isFailing = true;
      return isNews ? String(error) : null;
    }
  }

  #rotate(): void {
    rmSync(this.#pathOf(this.#options.maxFiles - 1), { force: true });
    for (let number = this.#options.maxFiles - 1; number > 0; number -= 1) {
      if (statSync(this.#pathOf(number - 1), { throwIfNoEntry: false })) renameSync(this.#pathOf(number - 1), this.#pathOf(number));
    }
    this.#bytes = 0;
  }

  #pathOf(number: number): string {
    return join(this.#folder, number === 0 ? "liquidations.log" : `liquidations.${number}.log`);
  }
}

/** The Worker logs JSON objects, and the runtime now and then a text. */
function stamp(line: string, now: number): string {
  const time = new Date(now).toISOString();
  return line.startsWith('{"') ? `{"time":"${time}",${line.slice(1)}` : JSON.stringify({ time, message: line });
}
