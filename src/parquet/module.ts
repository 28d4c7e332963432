import { initSync, wasmMemory } from "parquet-wasm/esm";

let ready = false;

/**
 * Gives the Parquet writer and reader their compiled WebAssembly. The caller brings it, since a Worker imports it as
 * a module and Node reads it from a file. Calls after the first do nothing.
 */
export function initParquet(module: WebAssembly.Module): void {
  if (ready) return;
  initSync({ module });
  ready = true;
}

/** Bytes the Parquet module holds. WebAssembly memory never shrinks, so what leaks shows as growth here. */
export function parquetMemoryBytes(): number {
  return wasmMemory().buffer.byteLength;
}
