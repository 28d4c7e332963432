import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Memory of live JavaScript objects and ArrayBuffers after a collection, bytes. */
export function memoryUsed(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
