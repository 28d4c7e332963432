import type { DatasetManifest, Liquidation, MarkDatasetManifest } from "./api.d.ts";
import type { MinuteMark } from "./minute-mark.ts";
import { HashMismatchError, VerifiedFile } from "./verified-file.ts";

/** The manifests of the two kinds of daily files, and the rows of the files. */
export interface DayKinds {
  readonly liquidations: { readonly manifest: DatasetManifest; readonly row: Liquidation };
  readonly minute_marks: { readonly manifest: MarkDatasetManifest; readonly row: MinuteMark };
}

/** A UTC day's file, whose SHA-256 is that of its manifest. */
export interface Day<Kind extends keyof DayKinds> {
  /** What the file holds and what it lacks: `gaps`, `completeness`. Read it before you trust a quiet hour. */
  readonly manifest: DayKinds[Kind]["manifest"];
  readonly file: VerifiedFile;
  /** The rows in the file's order. @param columns only these; default: all */
  rows<Column extends keyof DayKinds[Kind]["row"] & string = keyof DayKinds[Kind]["row"] & string>(
    columns?: readonly Column[],
  ): AsyncGenerator<Pick<DayKinds[Kind]["row"], Column>, void>;
}

/** What a day is read by. */
export interface DayReads<Kind extends keyof DayKinds> {
  readonly manifest: () => Promise<DayKinds[Kind]["manifest"]>;
  readonly download: (path: string) => Promise<ArrayBuffer>;
}

/** A file is replaced where rows came late, perhaps between the two requests: then the new one is asked for. */
const MAX_ATTEMPTS = 3;

/** @throws {HashMismatchError} where the file is not that of its manifest, at each attempt */
export async function readDay<Kind extends keyof DayKinds>({ manifest: read, download }: DayReads<Kind>): Promise<Day<Kind>> {
  for (let attempt = 1; ; attempt += 1) {
    const manifest = await read();
    const { path, sha256 } = manifest;
    try {
      const file = await VerifiedFile.of(path.slice(path.lastIndexOf("/") + 1), sha256, await download(path));
      return { manifest, file, rows: (columns) => file.rows(columns) };
    } catch (error) {
      if (!(error instanceof HashMismatchError) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}
