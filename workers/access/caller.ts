import type { Scope } from "../../src/access/api-key.ts";
import type { ApiKey } from "./keys.ts";
import type { Usage } from "./usage.ts";

/** Who asks: anybody, who holds `ADMIN_TOKEN`, or a key's holder with what the key has used today. */
export type Caller =
  | { readonly kind: "public" }
  | { readonly kind: "admin"; readonly credential: string }
  | { readonly kind: "key"; readonly key: ApiKey; readonly usage: Usage; readonly credential: string };

/** What a route asks of its caller: nothing, or a scope; `read` is everybody's while `PUBLIC_READ` is true. */
export type Access = "open" | Scope;

/** Whether the caller has a scope by its credential; `admin` has all. */
export function hasScope(caller: Caller, scope: Scope): boolean {
  if (caller.kind === "admin") return true;
  return caller.kind === "key" && (caller.key.scopes.includes(scope) || caller.key.scopes.includes("admin"));
}

/** In whose name things are made. */
export function ownerOf(caller: Caller): string {
  return caller.kind === "key" ? caller.key.key_id : caller.kind;
}
