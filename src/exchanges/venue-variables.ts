import type { Exchange } from "./exchange.ts";

/** The names of a venue's configuration variables. */
export interface VenueVariables {
  readonly ws: string;
  readonly rest: string;
  /** Null where the adapter does not infer liquidations. */
  readonly inferred: string | null;
}

/**
 * `<VENUE>_WS_URL`, `<VENUE>_REST_URL` and `<VENUE>_INFERRED`, unless the adapter gives the variable of its socket
 * another name.
 */
export function venueVariables({ name, endpoints, createInferrer }: Exchange): VenueVariables {
  const prefix = name.toUpperCase();
  return {
    ws: endpoints.wsVariable ?? `${prefix}_WS_URL`,
    rest: `${prefix}_REST_URL`,
    inferred: createInferrer === undefined ? null : `${prefix}_INFERRED`,
  };
}
