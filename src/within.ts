/**
 * Runs something and aborts it by its signal after a time; if it ignores the signal, it is abandoned.
 * `AbortSignal.timeout` does almost the same, but its timer cannot be cleared: a running timer keeps a Durable Object
 * from hibernating, and one that fires after an upgrade cuts the open socket (1006).
 * @param missed what did not happen, for the message of the error
 * @throws {DOMException} a `TimeoutError` where the time is over
 */
export async function within<Result>(ms: number, run: (signal: AbortSignal) => Promise<Result>, missed = "no response"): Promise<Result> {
  const controller = new AbortController();
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new DOMException(`${missed} within ${ms / 1_000} s`, "TimeoutError");
    controller.abort(error);
    over.reject(error);
  }, ms);
  try {
    return await Promise.race([run(controller.signal), over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether an error is the time-out of `within`. */
export function isTimeout(error: unknown): error is DOMException {
  return error instanceof DOMException && error.name === "TimeoutError";
}
