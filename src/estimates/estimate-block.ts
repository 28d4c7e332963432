import { type VenueSideEstimate, sumEstimates } from "./estimate.ts";

/** The key of the sums over all base assets in a block. */
export const ALL_SYMBOLS = "";

/** The fields of an estimate in the order in which a block stores them. */
const STORED_FIELDS = [
  "exchange",
  "position_side",
  "reported_usd",
  "estimated_usd",
  "low_usd",
  "high_usd",
  "reported_events",
  "estimated_events",
  "method",
  "status",
  "reason",
] as const satisfies readonly (keyof VenueSideEstimate)[];
type StoredEstimate = readonly VenueSideEstimate[(typeof STORED_FIELDS)[number]][];

/** The estimates of a step by base asset. */
export type EstimatesBySymbol = ReadonlyMap<string, readonly VenueSideEstimate[]>;

/** D1 stores 2 MB in a value, and a block travels inside another JSON text, which doubles its quotation marks. */
const MAX_TEXT = 1_200_000;
/** What is kept of each reason where a block would be longer. */
const SHORT_REASON = 40;

/** The text of a block: the estimates of each base asset, and the sums over all of them. */
export function blockText(bySymbol: EstimatesBySymbol): string {
  const all = sumBySide([...bySymbol].flatMap(([symbol, entries]) => (symbol === ALL_SYMBOLS ? [] : entries)));
  const entries = [...bySymbol].filter(([symbol]) => symbol !== ALL_SYMBOLS);
  const textWith = (reasonOf: (reason: string) => string): string => {
    const lists = [...entries, [ALL_SYMBOLS, all] as const];
    return JSON.stringify(Object.fromEntries(lists.map(([symbol, list]) => [symbol, list.map((one) => storedOf(one, reasonOf))])));
  };
  const text = textWith((reason) => reason);
  return text.length <= MAX_TEXT
    ? text
    : textWith((reason) => (reason.length <= SHORT_REASON ? reason : `${reason.slice(0, SHORT_REASON)}…`));
}

/** The estimates that a block has, of each base asset alone. */
export function readBlockText(text: string): EstimatesBySymbol {
  const entries = Object.entries(JSON.parse(text) as Readonly<Record<string, readonly StoredEstimate[]>>);
  return new Map(entries.filter(([symbol]) => symbol !== ALL_SYMBOLS).map(([symbol, list]) => [symbol, list.map(estimateOf)]));
}

/** The estimates of one base asset, or of all, in a block. */
export function readSymbolText(text: string): readonly VenueSideEstimate[] {
  return (JSON.parse(text) as readonly StoredEstimate[]).map(estimateOf);
}

/** One estimate for each venue and side, with the sum of its parts. */
export function sumBySide(parts: readonly VenueSideEstimate[]): readonly VenueSideEstimate[] {
  const groups = Map.groupBy(parts, ({ exchange, position_side: side }) => `${exchange} ${side}`);
  return [...groups.values()].flatMap((own) => {
    const [first] = own;
    return first === undefined ? [] : [{ exchange: first.exchange, position_side: first.position_side, ...sumEstimates(own) }];
  });
}

/** The block of a longer step, from those of its parts. */
export function mergeBlocks(blocks: readonly EstimatesBySymbol[]): EstimatesBySymbol {
  const merged = Map.groupBy(
    blocks.flatMap((block) => [...block]),
    ([symbol]) => symbol,
  );
  return new Map([...merged].map(([symbol, lists]) => [symbol, sumBySide(lists.flatMap(([, list]) => list))]));
}

function storedOf(estimate: VenueSideEstimate, reasonOf: (reason: string) => string): StoredEstimate {
  const reason = estimate.reason === null ? null : reasonOf(estimate.reason);
  return STORED_FIELDS.map((name) => {
    const value = name === "reason" ? reason : estimate[name];
    return typeof value === "number" ? rounded(value) : value;
  });
}

function estimateOf(stored: StoredEstimate): VenueSideEstimate {
  return Object.fromEntries(STORED_FIELDS.map((name, index) => [name, stored[index]])) as unknown as VenueSideEstimate;
}

/** To the cent, so that a block stays short. */
function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
