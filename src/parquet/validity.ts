/** Which rows of a column have a value. */
export interface Validity {
  readonly nullCount: number;
  /** One bit a row, least significant first, set where the row has a value. */
  readonly nullBitmap: Uint8Array;
}
