import type { CloseCode } from "../../../src/stream/close-codes.ts";

/** Where a replay sends its frames. */
export interface ReplaySink {
  readonly isOpen: boolean;
  /**
   * Waits until the client has room for more.
   * @param id where the client can continue after this frame; null where it has to start again
   * @returns whether it is still open
   */
  send(type: string, id: string | null, json: string): Promise<boolean>;
  /** Shows the client that the replay goes on, where nothing was sent for a while. */
  beat(id: string | null): void;
  /** Ends the stream, with the code and reason for the client. */
  close(code: CloseCode, reason: string): void;
}
