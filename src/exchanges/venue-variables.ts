import type { Exchange } from "./exchange.ts";

/** The names of a venue's own configuration variables. */
export interface VenueVariables {
  readonly ws: string;
  readonly rest: string;
  /** Null where the venue's adapter infers nothing. */
  readonly inferred: string | null;
}

/** `<VENUE>_WS_URL`, `<VENUE>_REST_URL` and `<VENUE>_INFERRED`, unless the adapter names its socket's otherwise. */
export function venueVariables({ name, endpoints, createInferrer }: Exchange): VenueVariables {
  const prefix = name.toUpperCase();
  return {
    ws: endpoints.wsVariable ?? `${prefix}_WS_URL`,
    rest: `${prefix}_REST_URL`,
    inferred: createInferrer === undefined ? null : `${prefix}_INFERRED`,
  };
}
