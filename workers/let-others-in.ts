/**
 * Lets the runtime turn to its other work. On one machine R2 and D1 answer from the same process, so a long chain of their
 * calls would keep it from its sockets for as long as it goes on.
 */
export function letOthersIn(): Promise<void> {
  return scheduler.wait(1);
}
