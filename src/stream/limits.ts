/** Streams of one API key at once, in one relay. */
export const MAX_STREAMS_PER_KEY = 100;
/** Streams of one address without a key at once, in one relay. */
export const MAX_STREAMS_PER_ADDRESS = 20;
/** Replays of one API key, or of one address without a key, at once, in one relay. */
export const MAX_REPLAYS = 2;
/** How far back a replay may reach without a key, ms. */
export const MAX_OPEN_REPLAY_MS = 3_600_000;
/** A replay counts as one request and one more for each hour that it reaches back, up to this many. */
export const MAX_REPLAY_COST = 100;
/** Subscriptions of one WebSocket. */
export const MAX_SUBSCRIPTIONS = 20;
/** Base assets that one subscription may name. */
export const MAX_SYMBOLS = 50;
/** Bytes of a message from a client: far more than any operation needs. */
export const MAX_MESSAGE_BYTES = 4_096;
/** Messages of a client in a second, on average, and at once. */
export const MESSAGES_PER_SECOND = 10;
export const MESSAGES_AT_ONCE = 40;
/** Time that a WebSocket may stay without a subscription, ms. */
export const IDLE_MS = 60_000;
/** Time between two beats, ms. */
export const BEAT_MS = 10_000;
/** Maximum time between two bytes of an SSE response, ms. */
export const COMMENT_MS = 15_000;
