/** What a daily file holds: liquidations, or the minute marks of all venues. */
export const DATASET_KINDS = ["liquidations", "minute_marks"] as const;
export type DatasetKind = (typeof DATASET_KINDS)[number];
