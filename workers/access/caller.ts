import type { Scope } from "../../src/access/api-key.ts";
import type { ApiKey } from "./keys.ts";
import type { Usage } from "./usage.ts";

/** The caller: anonymous, the holder of `ADMIN_TOKEN`, or the holder of a key, with the key's usage today. */
export type Caller =
  | { readonly kind: "public" }
  | { readonly kind: "admin"; readonly credential: string }
  | {
      readonly kind: "key";
      readonly key: ApiKey;
      readonly usage: Usage;
      readonly credential: string;
      /** The key's daily quota is used up: until it resets, its holder may do what anybody may. */
      readonly isOverQuota: boolean;
    };

/** The access an operation requires: none, or a scope. While `PUBLIC_READ` is true, everybody has `read`. */
export type Access = "open" | Scope;

/** Whether the caller's credential has a scope; `admin` includes all others. */
export function hasScope(caller: Caller, scope: Scope): boolean {
  if (caller.kind === "admin") return true;
  return caller.kind === "key" && !caller.isOverQuota && (caller.key.scopes.includes(scope) || caller.key.scopes.includes("admin"));
}

/** The owner of the resources that the caller creates. */
export function ownerOf(caller: Caller): string {
  return caller.kind === "key" ? caller.key.key_id : caller.kind;
}
