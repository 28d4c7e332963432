/** The remaining budget of a run: requests to the bucket, and encoded rows, of which 50,000 take about two seconds. */
export interface Budget {
  objects: number;
  rows: number;
}

export function isSpent({ objects, rows }: Budget): boolean {
  return objects <= 0 || rows <= 0;
}
