/**
 * Runs something that ends by the signal after a time at the latest. `AbortSignal.timeout` would do the same, but its
 * timer cannot be taken back, and a timer that still runs keeps a Durable Object from being put to rest.
 */
export async function within<Result>(ms: number, run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException(`no answer within ${ms / 1_000} s`, "TimeoutError")), ms);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
