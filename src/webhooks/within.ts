/**
 * Runs something and aborts it by its signal after a time. `AbortSignal.timeout` does the same, but its timer cannot be
 * cleared, and a running timer keeps a Durable Object from hibernating.
 */
export async function within<Result>(ms: number, run: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DOMException(`no response within ${ms / 1_000} s`, "TimeoutError")), ms);
  try {
    return await run(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
