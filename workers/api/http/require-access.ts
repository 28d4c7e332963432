import { type Access, hasScope } from "../../access/caller.ts";
import type { ApiContext } from "./api-env.ts";
import { ProblemError } from "./problem.ts";
import { quotaProblem } from "./rate-limit.ts";

/**
 * A key beyond its daily quota has no scope until the quota resets, so its holder is neither better nor worse off than
 * somebody without a key.
 * @throws {ProblemError} 401 where a credential is required and none was sent, 403 where it lacks the scope, 429 where its quota is used up
 */
export function requireAccess(c: ApiContext, access: Access): void {
  const caller = c.get("caller");
  const config = c.get("config");
  if (access === "open" || (access === "read" && config.PUBLIC_READ) || hasScope(caller, access)) return;
  if (caller.kind === "key" && caller.isOverQuota) throw quotaProblem(caller.key, c.get("deps").now());
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
