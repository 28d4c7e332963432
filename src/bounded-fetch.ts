/** A response whose body goes on beyond what is read of it. */
export class ResponseTooLongError extends Error {
  override readonly name = "ResponseTooLongError";
}

/**
 * A `fetch` that reads at most `maxBytes` of a body: reading further fails with a `ResponseTooLongError` and cancels the
 * rest, so that a server cannot fill the memory.
 */
export function boundedFetch(send: typeof fetch, maxBytes: number): typeof fetch {
  return async (input, init) => {
    const response = await send(input, init);
    if (response.body === null) return response;
    let bytes = 0;
    const counted = new TransformStream<Uint8Array, Uint8Array>({
      transform(part, controller) {
        bytes += part.byteLength;
        if (bytes > maxBytes) controller.error(new ResponseTooLongError(`the response is longer than ${maxBytes} bytes`));
        else controller.enqueue(part);
      },
    });
    return new Response(response.body.pipeThrough(counted), response);
  };
}
