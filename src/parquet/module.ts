import { initSync, wasmMemory } from "parquet-wasm/esm";

let ready = false;

/**
 * Initializes the Parquet writer and reader with their compiled WebAssembly. The caller supplies it, because a Worker
 * imports it as a module and Node reads it from a file. Later calls do nothing.
 */
export function initParquet(module: WebAssembly.Module): void {
  if (ready) return;
  initSync({ module });
  ready = true;
}

/** Memory of the Parquet module in bytes. WebAssembly memory never shrinks, so a leak shows as growth here. */
export function parquetMemoryBytes(): number {
  return wasmMemory().buffer.byteLength;
}
