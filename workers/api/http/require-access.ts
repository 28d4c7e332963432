import { type Access, type Caller, hasScope } from "../../access/caller.ts";
import { ProblemError } from "./problem.ts";

/** @throws {ProblemError} 401 where a credential is required and none was sent, 403 where it lacks the scope */
export function requireAccess(
  caller: Caller,
  access: Access,
  config: { readonly PUBLIC_READ: boolean; readonly ADMIN_TOKEN: string | null },
): void {
  if (access === "open" || (access === "read" && config.PUBLIC_READ) || hasScope(caller, access)) return;
  if (caller.kind === "key") {
    throw new ProblemError(
      "forbidden",
      `This operation needs an API key with the scope ${access}; this key has ${caller.key.scopes.join(", ")}.`,
      {
        headers: { "WWW-Authenticate": `Bearer error="insufficient_scope", scope="${access}"` },
      },
    );
  }
  const detail =
    config.ADMIN_TOKEN === null
      ? `This operation needs an API key with the scope ${access}. ADMIN_TOKEN is not set, so nobody can create keys.`
      : `This operation needs an API key with the scope ${access}: send it as Authorization: Bearer or as X-API-Key.`;
  throw new ProblemError("unauthorized", detail, { headers: { "WWW-Authenticate": "Bearer" } });
}
