/** Validity of the rows of a column. */
export interface Validity {
  readonly nullCount: number;
  /** One bit per row, least significant first, set where the row has a value. */
  readonly nullBitmap: Uint8Array;
}
