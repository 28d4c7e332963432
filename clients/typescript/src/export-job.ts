import type { Export, ExportWithManifest, NewExport } from "./api.d.ts";
import { LiquidationsError } from "./problem-errors.ts";
import { VerifiedFile } from "./verified-file.ts";
import { wait } from "./wait.ts";

/** An export ended without files. */
export class ExportFailedError extends LiquidationsError {
  readonly exportId: string;

  constructor({ export_id, state, error }: Export) {
    super(`The export ${export_id} ${state === "failed" ? `failed: ${error ?? "the reason is not known"}` : "was deleted"}.`);
    this.exportId = export_id;
  }
}

export interface ExportOptions {
  /** The same key and request give the same export for 24 h, so that a program that was restarted makes no second one. */
  readonly idempotencyKey?: string;
  /** Called with each state of the export, the last one included; `progress` is from 0 to 1. */
  readonly onProgress?: (state: ExportWithManifest) => void;
  /** Time between two looks, ms (default 2,000). */
  readonly pollMs?: number;
  /** Stops waiting; the export goes on. */
  readonly signal?: AbortSignal;
}

/** What an export is made and read by. */
export interface ExportCalls {
  readonly create: (request: NewExport, idempotencyKey: string) => Promise<Export>;
  readonly read: (id: string) => Promise<ExportWithManifest>;
  readonly download: (path: string) => Promise<ArrayBuffer>;
}

/** An export that is done. */
export class FinishedExport {
  readonly state: ExportWithManifest;
  /** What the files hold and what they lack: `gaps`, `not_covered`. Read it before you backtest. */
  readonly manifest: NonNullable<ExportWithManifest["manifest"]>;
  readonly #calls: ExportCalls;

  constructor(state: ExportWithManifest, manifest: NonNullable<ExportWithManifest["manifest"]>, calls: ExportCalls) {
    this.state = state;
    this.manifest = manifest;
    this.#calls = calls;
  }

  /** Its files, one after the other, each downloaded when it is asked for. @throws {HashMismatchError} */
  async *files(): AsyncGenerator<VerifiedFile, void> {
    for (const { name, sha256, path } of this.state.downloads) yield VerifiedFile.of(name, sha256, await this.#calls.download(path));
  }
}

/** Creates an export and waits until it is done. @throws {ExportFailedError} */
export async function runExport(calls: ExportCalls, request: NewExport, options: ExportOptions): Promise<FinishedExport> {
  const { onProgress, pollMs = 2_000, signal = null, idempotencyKey = crypto.randomUUID() } = options;
  const { export_id: id } = await calls.create(request, idempotencyKey);
  for (;;) {
    const state = await calls.read(id);
    onProgress?.(state);
    if (state.state === "failed" || state.state === "expired") throw new ExportFailedError(state);
    if (state.state === "done" && state.manifest !== null) return new FinishedExport(state, state.manifest, calls);
    await wait(pollMs, signal);
  }
}
