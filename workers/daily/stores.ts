import type { Env } from "../env.ts";

/** The stores that daily files are made from and kept in. */
export type Stores = Pick<Env, "DB" | "BUCKET">;
