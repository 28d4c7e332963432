import { type EstimateFit, FIT_VERSION } from "../../src/estimates/fit.ts";
import { hex } from "../../src/sha256.ts";

/** A stored fit. */
export interface StoredFit {
  readonly symbol: string;
  /** ms */
  readonly fitted_time: number;
  /** SHA-256 of the JSON text of the fit. */
  readonly hash: string;
  readonly fit: EstimateFit;
}

/** Replaces all fits, in one transaction. */
export async function saveFits(db: D1Database, fits: readonly EstimateFit[], now: number): Promise<void> {
  const rows = await Promise.all(
    fits.map(async (fit) => {
      const text = JSON.stringify(fit);
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      return [fit.symbol, now, hex(digest), text] as const;
    }),
  );
  await db.batch([
    db.prepare("DELETE FROM estimate_fits"),
    ...rows.map((row) => db.prepare("INSERT INTO estimate_fits (symbol, fitted_time, hash, fit) VALUES (?1, ?2, ?3, ?4)").bind(...row)),
  ]);
}

/** The fits by base asset, with that of the others under "". Those of an older version are left out. */
export async function readFits(db: D1Database): Promise<ReadonlyMap<string, StoredFit>> {
  const { results } = await db
    .prepare("SELECT symbol, fitted_time, hash, fit FROM estimate_fits ORDER BY symbol")
    .all<{ symbol: string; fitted_time: number; hash: string; fit: string }>();
  const fits = results.map((row): StoredFit => ({ ...row, fit: JSON.parse(row.fit) as EstimateFit }));
  return new Map(fits.filter(({ fit }) => fit.version === FIT_VERSION).map((stored) => [stored.symbol, stored]));
}
