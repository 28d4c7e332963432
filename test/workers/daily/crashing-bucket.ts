import { env } from "cloudflare:workers";

/** Stands between a job and the bucket and fails the puts and deletes from the `count`th on, as a crash would. */
export function crashingAfter(count: number): typeof env {
  let left = count;
  const bucket = new Proxy(env.BUCKET, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...given: unknown[]) => {
        if (name === "put" || name === "delete") left -= 1;
        if (left < 0) throw new Error("crashed");
        return (value as (...all: unknown[]) => unknown).apply(target, given);
      };
    },
  });
  return { ...env, BUCKET: bucket };
}
