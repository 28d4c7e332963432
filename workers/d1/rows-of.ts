/**
 * The rows of one statement of a batch. D1 does not type them, so the caller names the type that its statement selects.
 */
export function rowsOf<Row>(result: D1Result | undefined): readonly Row[] {
  return (result?.results ?? []) as readonly Row[];
}
