/** Whether an error of D1 is about a row that it never accepts. */
export function isRowFault(message: string): boolean {
  return /constraint failed|SQLITE_(CONSTRAINT|MISMATCH|TOOBIG|RANGE)|string or blob too big/i.test(message);
}
