import { parseConfig } from "../../src/config.ts";
import type { Liquidation } from "../../src/liquidation.ts";
import { openStorage } from "../local-worker.ts";
import type { LedgerEvent } from "../simulator/ledger.ts";
import type { Check } from "./check.ts";
import { compareCascade } from "./compare-cascade.ts";
import { recordHandover } from "./history/make-history.ts";
import { reconcile, type Reconciliation } from "./reconcile.ts";
import type { Stack } from "./stack.ts";
import { cascadesInD1, rowsInD1, rowsInR2, rowsInSupabase } from "./stored-rows.ts";
import type { WebhookReceiver } from "./webhook-receiver.ts";

/** From a signal's issue to its receiver: under the 5 s before a second attempt, so that the first one came through. */
const DELIVERY_LIMIT_MS = 4_000;
/** A cascade may begin in a report this long before its script does: with what came by chance before it. */
const REPORTED_EARLIER_MS = 120_000;

export interface RunReport {
  readonly stores: readonly Reconciliation[];
  /** This run's rows in R2. */
  readonly rows: readonly Liquidation[];
  /** Empty where the run ended before the scripted cascade did. */
  readonly cascade: readonly Check[];
}

/** What nobody asked for is on the wire too: a venue's feed carries all base assets. */
export function collected(stack: Stack): readonly LedgerEvent[] {
  const symbols = parseConfig({}).LIQUIDATION_SYMBOLS;
  return stack.venues.all().flatMap((venue) => venue.ledger().filter(({ symbol }) => symbols === "*" || symbols.has(symbol)));
}

export function wasSent({ sent_time: time }: LedgerEvent): boolean {
  return time !== null;
}

/**
 * Compares the stores with what the venues put on the wire, and the reported cascade with its script. The Worker must have
 * ended.
 * @param liveTime when all feeds were live; null where they never were
 * @param quietTime when the market stopped
 */
export async function checkRun(stack: Stack, liveTime: number | null, quietTime: number): Promise<RunReport> {
  const { startTime, venues, history } = stack;
  const ledger = collected(stack);
  const storage = await openStorage(stack.stateDir);
  try {
    if (history !== null) await recordHandover(storage, history, liveTime ?? quietTime);
    const inR2 = await rowsInR2(storage);
    const rows = inR2.filter(({ received_time: time }) => time >= startTime);
    const stores = [
      reconcile("r2", ledger, inR2, startTime),
      reconcile("d1", ledger, await rowsInD1(storage), startTime),
      reconcile("supabase", ledger, await rowsInSupabase(stack.supabase), startTime),
    ];
    const script = venues.cascades().find(({ endTime }) => endTime <= quietTime);
    if (script === undefined) return { stores, rows, cascade: [] };
    const reports = await cascadesInD1(storage, script.symbol, script.side, script.startTime - REPORTED_EARLIER_MS);
    return { stores, rows, cascade: compareCascade(script, ledger.filter(wasSent), reports, rows) };
  } finally {
    await storage.dispose();
  }
}

/** Whether every signal came to the receiver, signed and in time; where the cascade was played there has to be one. */
export function checkDelivery({ events, refused }: WebhookReceiver, wasPlayed: boolean): readonly Check[] {
  const signals = events.filter(({ type }) => type === "signal.issued");
  const slowest = Math.max(0, ...signals.map(({ data, receivedTime }) => receivedTime - Number(data.created_time)));
  const trades = signals.filter(({ data }) => data.action !== "NOTHING");
  const checks: Check[] = [
    { what: "webhooks with a bad signature", expected: "0", found: String(refused), tolerance: "exact", agrees: refused === 0 },
    {
      what: "slowest signal, ms from issue to receiver",
      expected: "at once",
      found: signals.length === 0 ? "none" : String(slowest),
      tolerance: `${DELIVERY_LIMIT_MS} at most`,
      agrees: slowest <= DELIVERY_LIMIT_MS,
    },
  ];
  if (!wasPlayed) return checks;
  const warnings = events.filter(({ type }) => type === "adl.warning");
  return [
    {
      what: "warnings of auto-deleveraging",
      expected: "1 or more",
      found: String(warnings.length),
      tolerance: "",
      agrees: warnings.length > 0,
    },
    { what: "decisions on spikes", expected: "1 or more", found: String(signals.length), tolerance: "", agrees: signals.length > 0 },
    {
      what: "of them BUY or SELL",
      expected: "1 or more",
      found: String(trades.length),
      tolerance: "",
      agrees: trades.length > 0,
      advisory: true,
    },
    ...checks,
  ];
}
