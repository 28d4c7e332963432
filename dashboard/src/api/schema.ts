/** The API's types, generated from its OpenAPI document by `scripts/build-assets.ts`. */
export type * from "../../public/liquidations-api.d.ts";
