/** The rows of one statement of a batch: D1 types them no further, so the statement's author names what it selects. */
export function rowsOf<Row>(result: D1Result | undefined): readonly Row[] {
  return (result?.results ?? []) as readonly Row[];
}
