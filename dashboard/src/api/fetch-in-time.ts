/**
 * Fetches, and gives up where no answer begins within `ms`. Its body may take longer: a large file is downloaded for minutes.
 * @throws a DOMException named `TimeoutError` where no answer began in time
 */
export async function fetchInTime(request: Request, ms: number): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException("No answer began in time.", "TimeoutError")), ms);
  try {
    return await fetch(request, { signal: AbortSignal.any([request.signal, late.signal]) });
  } finally {
    clearTimeout(timer);
  }
}
