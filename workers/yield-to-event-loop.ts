/**
 * Yields to the event loop. On a single machine R2 and D1 run in the same process, so a long chain of calls to them would
 * keep the runtime from its sockets.
 */
export function yieldToEventLoop(): Promise<void> {
  return scheduler.wait(1);
}
