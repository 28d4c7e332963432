import { createHmac } from "node:crypto";

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * An HS256 token that gives its bearer a database role, like Supabase's legacy keys. `expires` in seconds since 1970.
 */
export function signRoleToken(role: string, secret: string, expires: number): string {
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ iss: "supabase", role, exp: expires })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
